/** Sound and film that browsers play. */

/** The Content-Type that the original is played with, by its detected type; what is not here is only ever saved. */
const PLAYED_AS: Record<string, string> = {
  'audio/mpeg': 'audio/mpeg',
  'audio/mp4': 'audio/mp4',
  'audio/x-m4a': 'audio/mp4',
  'audio/aac': 'audio/aac',
  'audio/wav': 'audio/wav',
  'audio/vnd.wave': 'audio/wav',
  'audio/ogg': 'audio/ogg',
  'audio/flac': 'audio/flac',
  'audio/x-flac': 'audio/flac',
  'audio/webm': 'audio/webm',
  'video/mp4': 'video/mp4',
  'video/x-m4v': 'video/mp4',
  'video/quicktime': 'video/mp4',
  'video/webm': 'video/webm',
  'video/ogg': 'video/ogg'
}

/** How a file is played; null for what is not sound or film. Parameters (`audio/ogg; codecs=opus`) are ignored. */
export function playedAs(detected_type: string | null): { type: string; player: 'audio' | 'video' } | null {
  const type = PLAYED_AS[detected_type?.split(';')[0]?.trim().toLowerCase() ?? '']
  if (type === undefined) return null
  return { type, player: type.startsWith('audio/') ? 'audio' : 'video' }
}
