/** What is new, in words that name nothing: "40 neue Dokumente". */
import type { Locale } from '../../contract/common.ts'
import type { Mail } from '../../contract/mail.ts'
import type { NoticeKind } from '../../contract/notice.ts'

type Words = Record<NoticeKind, { one: string; other: string }>

const NEWS: Record<Locale, Words> = {
  de: {
    document: { one: 'neues Dokument', other: 'neue Dokumente' },
    version: { one: 'neue Version eines Dokuments', other: 'neue Versionen von Dokumenten' },
    access: { one: 'neue Freigabe', other: 'neue Freigaben' },
    comment: { one: 'neuer Kommentar', other: 'neue Kommentare' },
    renewal: { one: 'Bitte um Verlängerung', other: 'Bitten um Verlängerung' },
    guest: {
      one: 'Gastzugang, über den zu entscheiden ist',
      other: 'Gastzugänge, über die zu entscheiden ist'
    },
    lock: { one: 'angekündigte Sperre', other: 'angekündigte Sperren' },
    archive: { one: 'fertige ZIP-Datei', other: 'fertige ZIP-Dateien' },
    archive_failed: {
      one: 'ZIP-Datei, die nicht fertig wurde',
      other: 'ZIP-Dateien, die nicht fertig wurden'
    },
    rule: { one: 'Hinweis einer Regel', other: 'Hinweise von Regeln' },
    rule_failed: { one: 'Regel, die nicht alles tun konnte', other: 'Regeln, die nicht alles tun konnten' }
  },
  en: {
    document: { one: 'new document', other: 'new documents' },
    version: { one: 'new version of a document', other: 'new versions of documents' },
    access: { one: 'new item shared', other: 'new items shared' },
    comment: { one: 'new comment', other: 'new comments' },
    renewal: { one: 'request to renew a link', other: 'requests to renew links' },
    guest: { one: 'guest access to decide about', other: 'guest accesses to decide about' },
    lock: { one: 'lock announced', other: 'locks announced' },
    archive: { one: 'ZIP file ready', other: 'ZIP files ready' },
    archive_failed: { one: 'ZIP file that could not be made', other: 'ZIP files that could not be made' },
    rule: { one: 'note from a rule', other: 'notes from rules' },
    rule_failed: { one: 'rule that could not do everything', other: 'rules that could not do everything' }
  },
  sv: {
    document: { one: 'nytt dokument', other: 'nya dokument' },
    version: { one: 'ny version av ett dokument', other: 'nya versioner av dokument' },
    access: { one: 'ny delning', other: 'nya delningar' },
    comment: { one: 'ny kommentar', other: 'nya kommentarer' },
    renewal: { one: 'begäran om förlängning', other: 'begäranden om förlängning' },
    guest: { one: 'gäståtkomst att besluta om', other: 'gäståtkomster att besluta om' },
    lock: { one: 'aviserat lås', other: 'aviserade lås' },
    archive: { one: 'färdig ZIP-fil', other: 'färdiga ZIP-filer' },
    archive_failed: { one: 'ZIP-fil som inte kunde skapas', other: 'ZIP-filer som inte kunde skapas' },
    rule: { one: 'påpekande från en regel', other: 'påpekanden från regler' },
    rule_failed: { one: 'regel som inte kunde göra allt', other: 'regler som inte kunde göra allt' }
  }
}

export const newsLines = (locale: Locale, news: Mail['news']): string[] =>
  news.map(({ kind, count }) => {
    const words = NEWS[locale][kind]
    return `${count.toLocaleString(locale)} ${count === 1 ? words.one : words.other}`
  })
