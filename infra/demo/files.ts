/** The demo firm's documents, made here: PDFs by pdf-lib, pictures by sharp. Nobody's real papers. */
import { PDFDocument, StandardFonts, rgb } from 'pdf-lib'
import sharp from 'sharp'
import type { OutgoingFile } from './api-client.ts'

const INK = rgb(0.13, 0.15, 0.2)
const MUTED = rgb(0.42, 0.45, 0.5)

type Paper = { title: string; from: string; lines: string[]; table?: [string, string][]; pages?: number }

/** An A4 letter or statement, `pages` long. */
async function pdf(name: string, paper: Paper): Promise<OutgoingFile> {
  const file = await PDFDocument.create()
  const [plain, bold] = [
    await file.embedFont(StandardFonts.Helvetica),
    await file.embedFont(StandardFonts.HelveticaBold)
  ]
  file.setTitle(paper.title)
  for (let no = 1; no <= (paper.pages ?? 1); no += 1) {
    const page = file.addPage([595.28, 841.89])
    page.drawText(paper.from, { x: 64, y: 778, size: 9, font: plain, color: MUTED })
    page.drawText(no === 1 ? paper.title : `${paper.title}, Blatt ${no}`, {
      x: 64,
      y: 722,
      size: 20,
      font: bold,
      color: INK
    })
    let y = 686
    for (const line of paper.lines) {
      page.drawText(line, { x: 64, y, size: 10.5, font: plain, color: INK })
      y -= 17
    }
    for (const [label, figure] of paper.table ?? []) {
      y -= 8
      page.drawLine({
        start: { x: 64, y: y - 6 },
        end: { x: 531, y: y - 6 },
        thickness: 0.5,
        color: rgb(0.85, 0.86, 0.88)
      })
      page.drawText(label, { x: 64, y, size: 10.5, font: plain, color: INK })
      page.drawText(figure, {
        x: 531 - plain.widthOfTextAtSize(figure, 10.5),
        y,
        size: 10.5,
        font: plain,
        color: INK
      })
      y -= 14
    }
    page.drawText(`${no} / ${paper.pages ?? 1}`, { x: 512, y: 48, size: 8, font: plain, color: MUTED })
  }
  return { name, type: 'application/pdf', bytes: await file.save() }
}

/** A till receipt as a phone would photograph it: slightly turned, on a desk. */
async function receipt(name: string, shop: string, sum: string): Promise<OutgoingFile> {
  const rows = [
    shop,
    '',
    'Büromaterial        12,90',
    'Druckerpapier       24,50',
    'Porto                8,60',
    '',
    `SUMME EUR        ${sum}`
  ]
  const text = rows
    .map((row, i) => `<text x="60" y="${120 + i * 56}" xml:space="preserve">${row}</text>`)
    .join('')
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="700" height="760"><rect width="700" height="760" fill="#fbfaf6"/><g font-family="DejaVu Sans Mono, monospace" font-size="30" fill="#2a2d33">${text}</g></svg>`
  const paper = await sharp(Buffer.from(svg)).rotate(-4, { background: '#6f6a61' }).toBuffer()
  const bytes = await sharp({ create: { width: 1200, height: 1600, channels: 3, background: '#6f6a61' } })
    .composite([{ input: paper, gravity: 'centre' }])
    .jpeg({ quality: 82 })
    .toBuffer()
  return { name, type: 'image/jpeg', bytes }
}

async function sketch(name: string, format: 'png' | 'webp', word: string): Promise<OutgoingFile> {
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="1200" height="800"><rect width="1200" height="800" fill="#f4f1ea"/><circle cx="420" cy="400" r="210" fill="none" stroke="#11566b" stroke-width="36"/><path d="M420 190v420M210 400h420" stroke="#11566b" stroke-width="14"/><text x="700" y="440" font-family="DejaVu Sans, sans-serif" font-size="110" fill="#22262d">${word}</text></svg>`
  return { name, type: `image/${format}`, bytes: await sharp(Buffer.from(svg))[format]().toBuffer() }
}

const text = (name: string, type: string, lines: string[]): OutgoingFile => ({
  name,
  type,
  bytes: Buffer.from(`${lines.join('\n')}\n`)
})

const accounts = 'Lindqvist & Partner · Steuerberatung und Recht'

/** The annual accounts project: what the client sent and what the firm made of it. */
export async function annualAccounts(): Promise<{ client: OutgoingFile[]; firm: OutgoingFile[] }> {
  return {
    client: [
      await receipt('Beleg 2025-11-04 Schreibwaren.jpg', 'Schreibwaren Holm', '46,00'),
      await receipt('Beleg 2025-11-19 Tankstelle.jpg', 'Station Süd', '71,32'),
      text('Konten 2025.csv', 'text/csv', [
        'Konto;Name;Saldo',
        '1200;Bank;48210,11',
        '1400;Forderungen;17300,00',
        '1600;Verbindlichkeiten;-9120,40'
      ]),
      await pdf('Kontoauszug Dezember.pdf', {
        title: 'Kontoauszug Dezember 2025',
        from: 'Sparkasse Musterstadt',
        lines: ['Konto DE00 1234 5678 9012 3456 00', 'Bergmann Maschinenbau GmbH'],
        table: [
          ['Anfangsbestand', '42.118,20 EUR'],
          ['Gutschriften', '18.340,00 EUR'],
          ['Belastungen', '-12.248,09 EUR'],
          ['Endbestand', '48.210,11 EUR']
        ],
        pages: 3
      })
    ],
    firm: [
      await pdf('Jahresabschluss 2025 Entwurf.pdf', {
        title: 'Jahresabschluss zum 31. Dezember 2025',
        from: accounts,
        lines: [
          'Entwurf zur Durchsicht durch die Mandantin.',
          'Bitte prüfen Sie die Angaben zu Rückstellungen und Anlagevermögen.'
        ],
        table: [
          ['Umsatzerlöse', '1.284.300,00 EUR'],
          ['Materialaufwand', '-512.870,00 EUR'],
          ['Personalaufwand', '-431.220,00 EUR'],
          ['Abschreibungen', '-48.900,00 EUR'],
          ['Jahresüberschuss', '206.140,00 EUR']
        ],
        pages: 12
      }),
      text('Rückfragen.txt', 'text/plain', [
        'Rückfragen zum Jahresabschluss 2025',
        '',
        '1. Gibt es Garantiezusagen aus dem Auftrag Halle 4?',
        '2. Wann wurde die Fräse in Betrieb genommen?',
        '3. Bitte senden Sie die Inventurliste.'
      ])
    ]
  }
}

/** The payroll project. */
export async function payroll(): Promise<OutgoingFile[]> {
  return [
    await pdf('Lohnjournal Oktober.pdf', {
      title: 'Lohnjournal Oktober 2026',
      from: accounts,
      lines: ['Bergmann Maschinenbau GmbH, 14 Beschäftigte'],
      table: [
        ['Bruttolöhne', '52.118,00 EUR'],
        ['Sozialversicherung', '-10.840,55 EUR'],
        ['Lohnsteuer', '-8.212,17 EUR'],
        ['Auszahlung', '33.065,28 EUR']
      ],
      pages: 2
    }),
    text('Stundenzettel KW 43.csv', 'text/csv', [
      'Tag;Von;Bis',
      'Mo;07:00;15:30',
      'Di;07:00;15:30',
      'Mi;07:00;12:00'
    ]),
    {
      name: 'Export Zeiterfassung.bin',
      type: 'application/octet-stream',
      bytes: Buffer.from([1, 2, 3, 250, 0, 17, 4, 99, 0, 0, 7])
    }
  ]
}

/** The trade mark project, in Swedish and English: the client is Swedish. */
export async function tradeMark(): Promise<OutgoingFile[]> {
  return [
    await sketch('Logotyp.png', 'png', 'Nord'),
    await sketch('Logotyp variant.webp', 'webp', 'Norr'),
    await pdf('Power of attorney.pdf', {
      title: 'Power of attorney',
      from: 'Nordström Design AB, Göteborg',
      lines: [
        'We authorise Lindqvist & Partner to file the trade mark NORD',
        'with the European Union Intellectual Property Office.',
        '',
        'Göteborg, 3 November 2026'
      ]
    })
  ]
}
