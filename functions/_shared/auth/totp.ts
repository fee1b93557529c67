/** The second factor: time-based codes (RFC 6238) with SHA-1, six digits and 30 s, which every app understands. */
import { generateSecret, generateURI, verify } from 'otplib'
import { encode } from 'uqr'

/** Seconds. */
const PERIOD = 30

/** A new base32 secret of 160 bits. */
export const newTotpSecret = (): string => generateSecret({ length: 20 })

/**
 * The time step that the code belongs to, one step to either side of now, or null. Whether that step was used before is
 * the caller's to find out: a code works once (RFC 6238 section 5.2).
 *
 * @param now seconds since 1970
 */
export async function totpStep(secret: string, code: string, now: number): Promise<number | null> {
  const result = await verify({ secret, token: code, epoch: now, period: PERIOD, epochTolerance: PERIOD })
  return result.valid && 'timeStep' in result ? result.timeStep : null
}

/** What the authenticator app is given. */
export const totpUri = (secret: string, issuer: string, label: string): string =>
  generateURI({ secret, issuer, label })

/** The QR code as one SVG path of unit modules, with the quiet zone of four that ISO/IEC 18004 asks for. */
export function qrPath(text: string): { size: number; path: string } {
  const { size, data } = encode(text, { ecc: 'M', border: 4 })
  let path = ''
  data.forEach((line, y) => {
    for (let x = 0; x < size; x += 1) {
      const from = x
      while (x < size && line[x]) x += 1
      if (x > from) path += `M${from} ${y}h${x - from}v1h-${x - from}z`
    }
  })
  return { size, path }
}
