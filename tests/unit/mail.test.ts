import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Locale } from '../../functions/_shared/contract/common.ts'
import { Mail, MailTemplate } from '../../functions/_shared/contract/mail.ts'
import { renderMail } from '../../functions/_shared/mail/render.ts'
import { imprintOf } from '../../functions/_shared/rules/imprint.ts'

const mail = (change: Partial<Mail> = {}): Mail =>
  Mail.parse({
    template: 'invitation',
    locale: 'de',
    firm: 'Lindqvist & Partner',
    link: 'https://portal.example/invitation/018f#AbC_-123',
    expires_at: '2026-11-29T13:05:00.000Z',
    time_zone: 'Europe/Berlin',
    ...change
  })

test('every template has its words in every language, with the link and the firm', () => {
  const subjects = new Set<string>()
  for (const template of MailTemplate.options)
    for (const locale of Locale.options) {
      const { subject, text, html } = renderMail(mail({ template, locale }))
      subjects.add(subject)
      for (const part of [subject, text])
        assert.ok(part.includes('Lindqvist & Partner'), `${template} ${locale}`)
      assert.ok(text.split('\n').includes('https://portal.example/invitation/018f#AbC_-123'))
      assert.ok(html.includes(`lang="${locale}"`))
      assert.ok(html.includes('href="https://portal.example/invitation/018f#AbC_-123"'))
      assert.ok(!/undefined|null|\$\{/.test(subject + text + html))
    }
  assert.equal(subjects.size, MailTemplate.options.length * Locale.options.length)
})

test("until when a link works is told in the reader's zone and language", () => {
  assert.match(renderMail(mail()).text, /Sonntag, 29\. November 2026.* 14:05/)
  assert.match(renderMail(mail({ locale: 'en' })).text, /Sunday.* 29 November 2026.* 14:05/)
  assert.match(renderMail(mail({ locale: 'sv', time_zone: 'UTC' })).text, /söndag 29 november 2026.* 13:05/)
})

test('a name that is code stays text', () => {
  const { html } = renderMail(mail({ firm: `<img src=x onerror="alert('1')">&` }))
  assert.ok(!html.includes('<img'))
  assert.ok(html.includes('&lt;img src=x onerror=&quot;alert(&#39;1&#39;)&quot;&gt;&amp;'))
})

test('a name with line breaks adds no header line', () => {
  const { subject } = renderMail(mail({ firm: 'Evil\r\nBcc: all@example.org\u202e\u2028' }))
  assert.ok(!/[\r\n\u2028\u202e]/.test(subject))
})

test('a mail loads nothing from anywhere', () => {
  for (const template of MailTemplate.options)
    assert.ok(!/(src=|url\(|<link|<script|@import)/i.test(renderMail(mail({ template })).html))
})

test('news are counts in words, one apart from many, and end with the way to stop them', () => {
  const unsubscribe = {
    page: 'https://portal.example/unsubscribe/a.b',
    one_click: 'https://portal.example/api/x'
  }
  const news: Mail['news'] = [
    { kind: 'document', count: 40 },
    { kind: 'access', count: 1 }
  ]
  const { subject, text, html } = renderMail(mail({ template: 'news', news, unsubscribe }))
  assert.equal(subject, 'Lindqvist & Partner: 40 neue Dokumente, 1 neue Freigabe im Portal')
  assert.ok(text.split('\n').includes(unsubscribe.page))
  assert.ok(html.includes(`href="${unsubscribe.page}"`))
  assert.ok(!renderMail(mail({ template: 'held' })).text.includes('abbestellen'))
})

test('every mail ends with who the firm is, as text and as HTML, in every language', () => {
  const imprint = {
    text: 'Kanzlei <Lindqvist>\nAmtsgericht Köln, PR 1',
    lang: 'de',
    page: 'https://portal.example/imprint'
  } as const
  for (const template of MailTemplate.options)
    for (const locale of Locale.options) {
      const { text, html } = renderMail(mail({ template, locale, imprint }))
      assert.ok(text.includes('Kanzlei <Lindqvist>\nAmtsgericht Köln, PR 1'))
      assert.ok(text.endsWith('https://portal.example/imprint'))
      assert.ok(html.includes('Kanzlei &lt;Lindqvist&gt;<br>\nAmtsgericht Köln, PR 1'))
      assert.ok(html.includes('href="https://portal.example/imprint"'))
    }
  assert.ok(!renderMail(mail()).html.includes('/imprint'))
})

test("the imprint speaks the reader's language where the firm wrote it, and a long one ends at a word", () => {
  const none = { de: '', en: '', sv: '' }
  assert.equal(imprintOf(none, 'sv'), null)
  assert.deepEqual(imprintOf({ ...none, de: '# Wir\r\nKöln', en: 'We' }, 'sv'), {
    text: 'Wir\nKöln',
    lang: 'de'
  })
  assert.deepEqual(imprintOf({ ...none, de: 'Wir', sv: 'Vi' }, 'sv'), { text: 'Vi', lang: 'sv' })
  const long = imprintOf({ ...none, de: 'Wort '.repeat(1_000) }, 'de')?.text ?? ''
  assert.ok(long.length <= 1_502 && long.endsWith('Wort …'))
})
