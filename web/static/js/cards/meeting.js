/** Who comes to a meeting, is lost, and leaves it. */
import { add } from "../cards.js"
import { nameOf } from "../facts.js"
import { _ } from "../words.js"

add({
  person_admitted: ({ body }) => _("%(name)s came in.", { name: nameOf(body.person) }),
  hearing_suspended: () => ({ icon: "clock", title: _("The meeting stands still"), tone: "flat", text: _("Nobody leads it: the mediator’s connection was lost. Everybody is in the waiting room, and back where they were as soon as the mediator is.") }),
  hearing_resumed: ({ actor }) => ({ icon: "camera", title: _("The meeting goes on"), tone: "next", text: _("%(name)s leads it.", { name: nameOf(actor) }) }),
  person_joined: ({ body }) => _("%(name)s is in the meeting.", { name: nameOf(body.person) }),
  person_back: ({ body }) => _("%(name)s is back.", { name: nameOf(body.person) }),
  person_lost: ({ body }) => _("%(name)s’s connection was lost.", { name: nameOf(body.person) }),
  person_left: ({ body }) => leavings(body.code, { name: nameOf(body.person) }),
  statement_disputed: ({ body }) => _("%(name)s does not agree with the connection statement.", { name: nameOf(body.person) }),
})

/** @param {string | undefined} code @param {{ name: string }} who */
function leavings(code, who) {
  if (code === "not_back") return _("%(name)s did not come back in time.", who)
  if (code === "page_closed") return _("%(name)s closed the page.", who)
  return _("%(name)s left the meeting.", who)
}
