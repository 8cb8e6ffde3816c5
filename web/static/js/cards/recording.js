/** A recording, from the question to the film. */
import { add, withReason } from "../cards.js"
import { facts, nameOf } from "../facts.js"
import { _ } from "../words.js"

add({
  recording_asked: ({ actor }) => _("%(name)s asks everybody in the meeting whether it may be recorded.", { name: nameOf(actor) }),
  recording_consent_given: ({ body }) => _("%(name)s agreed to the recording.", { name: nameOf(body.person) }),
  recording_consent_refused: ({ body }) => _("%(name)s did not agree to the recording.", { name: nameOf(body.person) }),
  recording_consent_withdrawn: ({ body }) => _("%(name)s took the consent to the recording back.", { name: nameOf(body.person) }),
  recording_started: ({ actor, body }) => ({
    icon: "record", title: _("The recording has begun"), tone: "sealed",
    text: body.basis === "order" ? withReason(_("%(name)s has ordered it.", { name: nameOf(actor) }), body.reason) : _("Everybody in the meeting has agreed. Private talks are not recorded."),
  }),
  recording_paused: ({ actor, body }) => withReason(_("%(name)s paused the recording.", { name: nameOf(actor) }), body.reason),
  recording_resumed: ({ actor }) => _("%(name)s lets the recording go on.", { name: nameOf(actor) }),
  recording_interrupted: () => _("The recording has failed and is being started again."),
  recording_continued: () => _("The recording goes on."),
  recording_left_out: ({ body }) => _("The picture of %(name)s cannot be recorded: this device sends it in another way.", { name: nameOf(body.person) }),
  recording_stopped: ({ body }) => (["refused", "taken_back"].includes(body.code ?? "") ? _("Nothing was recorded.") : { icon: "record", title: _("The recording has ended"), tone: "flat", text: body.code === "server_stopped" ? _("It was cut off because the server stopped. What was recorded until then is here.") : undefined }),
  recording_composed: () => ({ icon: "record", title: _("The recording is ready"), tone: "flat", links: [[`/cases/${facts().case.id}/recordings`, _("Recordings")]] }),
})
