/** Private talks, as those see them who are in them, and what was carried from one to another. */
/** @import { Entry } from "../types" */
import { add, names, withReason } from "../cards.js"
import { facts, nameOf } from "../facts.js"
import { clock } from "../times.js"
import { _ } from "../words.js"

add({
  sides_parted: ({ body }) => ({ icon: "lock", title: _("The sides are kept apart"), tone: "flat", text: withReason(_("They do not meet. The mediator speaks with each side, and tells the other only what is released."), body.reason) }),
  sides_joined: () => _("The sides meet again."),
  caucus_joined: ({ body }) => _("%(name)s joined a private talk.", { name: nameOf(body.person) }),
  caucus_prepared: ({ body }) => _("Prepared for %(names)s. Nobody else knows of it yet.", { names: names(body.people) }),
  caucus_called: ({ actor, body }) => _("%(by)s called %(names)s.", { by: nameOf(actor), names: names(body.people) }),
  call_declined: ({ body }) => _("%(name)s does not come now.", { name: nameOf(body.person) }),
  call_unanswered: ({ body }) => _("%(name)s did not answer the call.", { name: nameOf(body.person) }),
  caucus_entered: ({ body }) => _("%(name)s came in.", { name: nameOf(body.person) }),
  caucus_left: ({ body }) => _("%(name)s went out.", { name: nameOf(body.person) }),
  caucus_locked: () => _("The door was locked."),
  caucus_unlocked: () => _("The door was unlocked."),
  caucus_timed: ({ body }) => (body.ends_at ? _("There is time until %(when)s.", { when: clock(body.ends_at) }) : _("There is no time set any more.")),
  mediator_called: ({ body }) => _("%(name)s asks the mediator to come.", { name: nameOf(body.person) }),
  announcement_made: ({ actor, body }) => ({ icon: "speaker", title: _("Announcement by %(name)s", { name: nameOf(actor) }), tone: "next", text: body.text }),
  statement_carried: ({ actor, body }) => ({
    icon: "send", title: body.side === "claimant" ? _("From the claimant’s side, through %(name)s", { name: nameOf(actor) }) : _("From the respondent’s side, through %(name)s", { name: nameOf(actor) }), text: body.text,
  }),
  statement_released: ({ actor, body }) => ({ icon: "check", title: carriedTo(body, nameOf(actor)), tone: "flat", text: body.text, links: [[`/rooms/${facts().room}/carried`, _("All that was carried over")]] }),
})

/** @param {Entry["body"]} body @param {string} name */
function carriedTo(body, name) {
  if (body.to_kind === "talks") return _("%(name)s told this to everybody", { name })
  return body.to_side === "claimant" ? _("%(name)s told this to the claimant’s side", { name }) : _("%(name)s told this to the respondent’s side", { name })
}
