/**
 * Imprint and privacy notice of the demo firm, so that nobody who looks at it meets empty pages. Everything in them is made up,
 * and they say so: no firm can take them as they are.
 */
import type { LegalTexts } from '../../functions/_shared/contract/person.ts'

export const IMPRINT: LegalTexts = {
  de: `Diese Kanzlei gibt es nicht. Sie dient dazu, das Portal auszuprobieren.

# Anbieter

Lindqvist & Partner
Rechtsanwälte und Steuerberater PartG mbB
Musterweg 12
10115 Berlin

Telefon: 030 23125 000
E-Mail: kanzlei@lindqvist.example

# Vertreten durch

Dr. Ingrid Lindqvist, Rechtsanwältin

# Register und Umsatzsteuer

Partnerschaftsregister: Amtsgericht Musterstadt, PR 0000
Umsatzsteuer-Identifikationsnummer: DE000000000

# Kammern und Berufsrecht

Die Rechtsanwältinnen und Rechtsanwälte gehören der Rechtsanwaltskammer Musterstadt an, die Steuerberaterinnen und Steuerberater der Steuerberaterkammer Musterstadt. Die Berufsbezeichnungen wurden in der Bundesrepublik Deutschland verliehen. Es gelten BRAO, BORA, StBerG und BOStB.

# Berufshaftpflicht

Muster-Versicherung AG, Versicherungsplatz 1, 10000 Musterstadt. Die Versicherung gilt in der Europäischen Union.`,
  en: `This firm does not exist. It is there to try out the portal.

# Provider

Lindqvist & Partner
Rechtsanwälte und Steuerberater PartG mbB
Musterweg 12
10115 Berlin, Germany

Telephone: +49 30 23125 000
E-mail: kanzlei@lindqvist.example

# Represented by

Dr. Ingrid Lindqvist, lawyer (Rechtsanwältin)

# Register and VAT

Register of partnerships: Local Court of Musterstadt, PR 0000
VAT identification number: DE000000000

# Chambers and professional rules

The lawyers belong to the Bar Association of Musterstadt, the tax advisers to the Chamber of Tax Advisers of Musterstadt. The titles were awarded in Germany. BRAO, BORA, StBerG and BOStB apply.

# Professional indemnity insurance

Muster-Versicherung AG, Versicherungsplatz 1, 10000 Musterstadt. It covers the European Union.`,
  sv: `Den här byrån finns inte. Den är till för att pröva portalen.

# Leverantör

Lindqvist & Partner
Rechtsanwälte und Steuerberater PartG mbB
Musterweg 12
10115 Berlin, Tyskland

Telefon: +49 30 23125 000
E-post: kanzlei@lindqvist.example

# Företräds av

Dr. Ingrid Lindqvist, advokat (Rechtsanwältin)

# Register och moms

Partnerskapsregistret: domstolen i Musterstadt, PR 0000
Momsregistreringsnummer: DE000000000

# Kammare och yrkesregler

Advokaterna tillhör advokatkammaren i Musterstadt och skatterådgivarna skatterådgivarkammaren i Musterstadt. Titlarna har tilldelats i Tyskland. BRAO, BORA, StBerG och BOStB gäller.

# Ansvarsförsäkring

Muster-Versicherung AG, Versicherungsplatz 1, 10000 Musterstadt. Den gäller i Europeiska unionen.`
}

export const PRIVACY: LegalTexts = {
  de: `Diese Kanzlei gibt es nicht. Der Text zeigt, was eine Kanzlei hier sagen könnte.

# Verantwortlich

Lindqvist & Partner, Musterweg 12, 10115 Berlin. Unsere Datenschutzbeauftragte erreichen Sie unter datenschutz@lindqvist.example.

# Was das Portal speichert

Ihren Namen, Ihre E-Mail-Adresse und Ihre Sprache; die Dokumente, die Sie senden und die wir Ihnen senden; und wer wann was gesehen, heruntergeladen oder geändert hat. Das brauchen wir für das Mandat (Art. 6 Abs. 1 Buchst. b DSGVO) und um nachweisen zu können, dass wir unsere Pflichten erfüllt haben (Art. 6 Abs. 1 Buchst. c und f DSGVO).

# Cookies

Das Portal setzt nur Cookies, ohne die es nicht geht: für Ihre Anmeldung und Ihre Sprache. Es lädt nichts von anderen Servern und zählt keine Besuche.

# Wer die Daten sieht

In der Kanzlei nur, wer mit Ihrer Sache befasst ist. Das Portal läuft auf unseren eigenen Servern in Deutschland.

# Wie lange

So lange, wie das Mandat dauert und wir danach zur Aufbewahrung verpflichtet sind. Handakten bewahren wir sechs, steuerliche Unterlagen bis zu zehn Jahre auf.

# Ihre Rechte

Sie können Auskunft, Berichtigung, Löschung, Einschränkung und eine Kopie Ihrer Daten verlangen und der Verarbeitung widersprechen. Wo unsere Schweigepflicht oder eine Aufbewahrungspflicht entgegensteht, sagen wir Ihnen das. Beschweren können Sie sich bei der Aufsichtsbehörde für den Datenschutz.`,
  en: `This firm does not exist. The text shows what a firm might say here.

# Controller

Lindqvist & Partner, Musterweg 12, 10115 Berlin, Germany. Our data protection officer can be reached at datenschutz@lindqvist.example.

# What the portal keeps

Your name, your e-mail address and your language; the documents that you send and that we send you; and who saw, downloaded or changed what, and when. We need that for your matter (Art. 6(1)(b) GDPR) and to be able to show that we met our obligations (Art. 6(1)(c) and (f) GDPR).

# Cookies

The portal sets only cookies without which it would not work: for your session and your language. It loads nothing from other servers and counts no visits.

# Who sees the data

In the firm only those who deal with your matter. The portal runs on our own servers in Germany.

# How long

As long as your matter lasts, and as long as we have to keep files after that: six years for case files, up to ten for tax records.

# Your rights

You may ask for access, correction, erasure, restriction and a copy of your data, and object to their processing. Where our duty of confidentiality or a duty to keep records stands against it, we tell you so. You may complain to the data protection authority.`,
  sv: `Den här byrån finns inte. Texten visar vad en byrå kunde säga här.

# Personuppgiftsansvarig

Lindqvist & Partner, Musterweg 12, 10115 Berlin, Tyskland. Vårt dataskyddsombud nås på datenschutz@lindqvist.example.

# Vad portalen sparar

Ditt namn, din e-postadress och ditt språk; dokumenten som du skickar och som vi skickar till dig; och vem som har sett, laddat ner eller ändrat vad, och när. Det behöver vi för ditt ärende (artikel 6.1 b i GDPR) och för att kunna visa att vi har uppfyllt våra skyldigheter (artikel 6.1 c och f i GDPR).

# Kakor

Portalen sätter bara kakor som den inte fungerar utan: för din inloggning och ditt språk. Den laddar ingenting från andra servrar och räknar inga besök.

# Vem som ser uppgifterna

På byrån bara de som arbetar med ditt ärende. Portalen körs på våra egna servrar i Tyskland.

# Hur länge

Så länge ärendet pågår och vi därefter måste bevara handlingarna: sex år för akter, upp till tio år för skattehandlingar.

# Dina rättigheter

Du kan begära tillgång, rättelse, radering, begränsning och en kopia av dina uppgifter och invända mot behandlingen. Där vår tystnadsplikt eller en skyldighet att bevara handlingar står emot säger vi det. Du kan klaga hos dataskyddsmyndigheten.`
}
