/**
 * Which acts ask for a factor again once the last one was shown a quarter of an hour ago, and which do not, with the
 * reason. Every route that somebody who is signed in can change something with, or carry something away with, is here;
 * a route that is not fails the test.
 */
export type Proof = { asks: true } | { open: string }

const ASKS: Proof = { asks: true }
const open = (reason: string): Proof => ({ open: reason })

const TAKES_AWAY = open('takes away from a machine or stranger; whoever is robbed must be quick')
const WORK = open('everyday work within what one holds; in the log, and it can be undone')
const SECOND_PAIR = open(
  'the everyday act of a second person, after the first one’s; who showed it is in the log'
)
const READING = open('reading, as far as one may anyway; each read is in the log')
const NOTHING_YET = open('makes or names something through which nobody sees anything yet')
const ONESELF = open('concerns nobody but oneself, and no door')
const BY_KEY = open('for programs alone: a session is refused, and a program has no factor to show')
const SECRET = open('the secret in the link is the proof')

export const PROOF: Record<string, Proof> = {
  // Grants, and what gives or takes like a grant
  'POST /admin/grants': ASKS,
  'POST /admin/deputies': ASKS,
  'POST /admin/deputies/told/read': ONESELF,
  'POST /admin/deputies/{id}/end': TAKES_AWAY,
  'POST /admin/emergencies': ASKS,
  'POST /admin/emergencies/{id}/end': TAKES_AWAY,
  'POST /admin/emergencies/read': ONESELF,
  'DELETE /admin/grants/{id}': ASKS,
  'PATCH /admin/grants/{id}': ASKS,
  'POST /admin/grants/preview': READING,
  'POST /admin/grants/{id}/preview': READING,
  'PATCH /admin/things/{id}/access': ASKS,
  'POST /admin/things/{id}/access/preview': READING,
  // Rules act with the rights of whoever saves them
  'POST /automations/rules': ASKS,
  'PUT /automations/rules/{id}': ASKS,
  'DELETE /automations/rules/{id}': TAKES_AWAY,
  'POST /automations/trials': READING,
  'POST /admin/groups': NOTHING_YET,
  'PATCH /admin/groups/{id}': NOTHING_YET,
  'DELETE /admin/groups/{id}': ASKS,
  'POST /admin/groups/{id}/members': ASKS,
  'POST /admin/groups/{id}/members/preview': READING,
  'DELETE /admin/groups/{id}/members/{member_id}': ASKS,
  'POST /admin/organisations': NOTHING_YET,
  'PATCH /admin/organisations/{id}': NOTHING_YET,
  'POST /admin/organisations/{id}/employees': ASKS,
  'PATCH /admin/organisations/{id}/employees/{person_id}': ASKS,
  'POST /admin/organisations/{id}/exclusions': ASKS,
  'DELETE /admin/organisations/{id}/exclusions/{person_id}': ASKS,
  'PATCH /admin/organisations/{id}/members/{person_id}': ASKS,
  'POST /admin/organisations/{id}/team': ASKS,
  'DELETE /admin/organisations/{id}/team/{person_id}': ASKS,
  'PATCH /admin/projects/{id}/guests/{person_id}': ASKS,
  // People, roles, the firm
  'POST /admin/invitations': ASKS,
  'PATCH /admin/people/{id}': ASKS,
  'POST /admin/people/{id}/way-in': ASKS,
  'POST /admin/people/{id}/way-in/confirm': ASKS,
  'DELETE /admin/people/{id}/way-in': TAKES_AWAY,
  'PATCH /admin/sign-in': ASKS,
  'POST /admin/sign-in/preview': READING,
  'PATCH /admin/firm': ASKS,
  'PATCH /admin/identity-provider': ASKS,
  'POST /admin/identity-provider/test': ASKS,
  'POST /admin/imports': ASKS,
  'POST /admin/imports/preview': READING,
  'POST /admin/jobs/dead/again': WORK,
  // Webhooks: what tells other programs asks, also a new secret; what tells them again what they knew does not
  'POST /admin/webhooks': ASKS,
  'PATCH /admin/webhooks/{id}': ASKS,
  'POST /admin/webhooks/{id}/secret': ASKS,
  'DELETE /admin/webhooks/{id}': TAKES_AWAY,
  'POST /admin/webhooks/{id}/test': WORK,
  'POST /admin/webhooks/{id}/again': WORK,
  'POST /admin/webhooks/{id}/deliveries/{delivery}/again': WORK,
  // Keys
  'POST /admin/keys': ASKS,
  'DELETE /admin/keys/{id}': TAKES_AWAY,
  // Links
  'POST /sharing/links': ASKS,
  'POST /sharing/links/{id}/renew': ASKS,
  'POST /sharing/links/{id}/mail': SECRET,
  'POST /sharing/links/{id}/revoke': TAKES_AWAY,
  // Exports
  'GET /audit/activity.csv': ASKS,
  'GET /admin/people.csv': ASKS,
  'GET /admin/organisations.csv': ASKS,
  'GET /documents/archives': READING,
  'POST /documents/archives/orders': READING,
  'POST /documents/archives/orders/{id}/address': READING,
  'DELETE /documents/archives/orders/{id}': TAKES_AWAY,
  'GET /documents/documents/{id}/content': READING,
  'GET /documents/documents/{id}/pages/{no}/image': READING,
  // One's own doors
  'POST /auth/email': ASKS,
  'POST /auth/emails/{id}': SECRET,
  'POST /auth/password': ASKS,
  'POST /auth/passkeys': ASKS,
  'POST /auth/passkeys/options': ASKS,
  'PATCH /auth/passkeys/{id}': ONESELF,
  'DELETE /auth/passkeys/{id}': ASKS,
  'POST /auth/recovery-codes': ASKS,
  'POST /auth/second-factor/confirm': ASKS,
  'POST /auth/second-factor/set-up': ASKS,
  'POST /auth/codes': ASKS,
  'POST /auth/second-factors/sent': ASKS,
  'DELETE /auth/second-factors/sent/{kind}': ASKS,
  'DELETE /auth/second-factors/app': ASKS,
  'POST /auth/prove': open('it is the proof'),
  'POST /auth/prove/options': open('it is the proof'),
  'DELETE /auth/sessions': TAKES_AWAY,
  'DELETE /auth/sessions/{id}': TAKES_AWAY,
  'PATCH /auth/session': ONESELF,
  'PATCH /auth/first-steps': ONESELF,
  'PATCH /auth/notice-settings': ONESELF,
  'POST /auth/notices/read': ONESELF,
  'POST /auth/seeing': READING,
  'DELETE /auth/seeing': ONESELF,
  // Documents and what lies around them
  'POST /documents/comments': WORK,
  'DELETE /documents/documents/{id}/comments/{comment}': WORK,
  'PUT /documents/documents/{id}/favourite': ONESELF,
  'DELETE /documents/documents/{id}/favourite': ONESELF,
  'PUT /documents/documents/{id}/labels': WORK,
  'POST /documents/documents/{id}/release': ASKS,
  'POST /documents/documents/{id}/versions/{no}/restore': WORK,
  'POST /documents/documents/{id}/versions/{no}/show': SECOND_PAIR,
  'POST /documents/documents/show': SECOND_PAIR,
  'POST /documents/locks': ASKS,
  'DELETE /documents/locks/{id}': ASKS,
  'POST /documents/locks/{id}/exceptions': ASKS,
  'PUT /documents/places/{id}/four-eyes': ASKS,
  'POST /documents/folders': WORK,
  'POST /documents/projects': WORK,
  'POST /documents/projects/{id}/read': ONESELF,
  'POST /documents/projects/{id}/trash/empty': ASKS,
  'POST /documents/projects/{id}/s3-credentials': BY_KEY,
  'POST /documents/documents/{id}/lendings': BY_KEY,
  'POST /documents/projects/{id}/trash/restore': WORK,
  'PATCH /documents/things/{id}': WORK,
  'POST /documents/things/copy': WORK,
  'POST /documents/things/move': WORK,
  'POST /documents/things/trash': WORK,
  'POST /documents/uploads': WORK,
  'DELETE /documents/uploads/{id}': WORK,
  'POST /documents/uploads/{id}/parts': WORK,
  'POST /documents/uploads/complete': WORK,
  'POST /documents/uploads/matches': READING
}
