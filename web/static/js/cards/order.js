/** Order in the meeting and in the talk: what was done, to whom, why, and for how long. */
/** @import { Entry } from "../types" */
import { add, withReason } from "../cards.js"
import { nameOf } from "../facts.js"
import { stageName, whoWrites } from "../house.js"
import { clock, dayAndClock } from "../times.js"
import { _ } from "../words.js"

add({
  person_removed: ({ actor, body }) => withReason(body.block ? _("%(by)s sent %(name)s out of this meeting.", { by: nameOf(actor), name: nameOf(body.person) }) : _("%(by)s asked %(name)s back to the waiting room.", { by: nameOf(actor), name: nameOf(body.person) }), body.reason),
  person_warned: ({ actor, body }) => withReason(_("%(by)s gave %(name)s a warning.", { by: nameOf(actor), name: nameOf(body.person) }), body.reason),
  person_muted: ({ actor, body }) => withReason(mutings(body.source, body.lock !== false, { by: nameOf(actor), name: nameOf(body.person) }), body.reason),
  people_muted: ({ actor, body }) => withReason(_("%(by)s muted everybody but who speaks.", { by: nameOf(actor) }), body.reason),
  person_unmuted: ({ actor, body }) => actor === body.person
    ? _("%(name)s went on being heard and seen.", { name: nameOf(actor) })
    : _("%(by)s let %(name)s be heard and seen again.", { by: nameOf(actor), name: nameOf(body.person) }),
  share_allowed: ({ actor, body }) => _("%(by)s lets %(name)s show the screen.", { by: nameOf(actor), name: nameOf(body.person) }),
  share_forbidden: ({ actor, body }) => withReason(_("%(by)s does not let %(name)s show the screen.", { by: nameOf(actor), name: nameOf(body.person) }), body.reason),
  talk_frozen: ({ actor, body }) => ({ icon: "lock", title: _("%(name)s has frozen the talk", { name: nameOf(actor) }), tone: "flat", text: withReason(_("Everybody can read; only the mediator writes."), body.reason) }),
  talk_thawed: ({ actor }) => _("%(name)s lets everybody write again.", { name: nameOf(actor) }),
  talk_slowed: ({ actor, body }) => withReason(body.seconds ? _("%(name)s asks for one message every %(n)s seconds.", { name: nameOf(actor), n: body.seconds }) : _("%(name)s lets everybody write at their own pace again.", { name: nameOf(actor) }), body.reason),
  posting_set: ({ body }) => body.stage
    ? { icon: "people", title: _("The talk is at the stage: %(stage)s", { stage: stageName(body.stage) }), tone: "flat", text: withReason(begun(whoWrites(body.writers ?? [])), body.reason) }
    : _("The stages of the talk are over: everybody writes."),
  writing_stopped: ({ actor, body }) => withReason(stopped(body.until ?? "", { by: nameOf(actor), name: nameOf(body.person) }), body.reason),
  writing_allowed: ({ actor, body }) => _("%(by)s lets %(name)s write again.", { by: nameOf(actor), name: nameOf(body.person) }),
  person_expelled: ({ actor, body }) => withReason(_("%(by)s sent %(name)s out of the talk.", { by: nameOf(actor), name: nameOf(body.person) }), body.reason),
  person_readmitted: ({ actor, body }) => _("%(by)s let %(name)s into the talk again.", { by: nameOf(actor), name: nameOf(body.person) }),
  pause_called: (entry, all) => ({ icon: "pause", title: _("%(name)s has called a pause", { name: nameOf(entry.actor) }), tone: "flat", text: length(entry, all) }),
  pause_extended: ({ actor, body }) => _("%(name)s lets the pause last until %(time)s.", { name: nameOf(actor), time: clock(body.until ?? "") }),
  pause_ended: ({ actor }) => _("%(name)s ended the pause.", { name: nameOf(actor) }),
})

/** @param {string | undefined} source @param {boolean} lock @param {{ by: string, name: string }} who */
function mutings(source, lock, who) {
  if (source === "camera") return lock ? _("%(by)s turned the camera of %(name)s off and locked it.", who) : _("%(by)s turned the camera of %(name)s off.", who)
  if (source === "screen") return _("%(by)s stopped what %(name)s was showing.", who)
  return lock ? _("%(by)s muted the microphone of %(name)s and locked it.", who) : _("%(by)s muted the microphone of %(name)s.", who)
}

/** Half a sentence as a whole one. @param {string} words */
function begun(words) {
  return words.charAt(0).toUpperCase() + words.slice(1)
}

/** @param {string} until @param {{ by: string, name: string }} who */
function stopped(until, who) {
  return until ? _("%(by)s lets %(name)s only read until %(when)s.", { ...who, when: dayAndClock(until) }) : _("%(by)s lets %(name)s only read until further notice.", who)
}

/** Until when the pause lasts, or lasted, by what was done later. @param {Entry} entry @param {Entry[]} all */
function length(entry, all) {
  const later = all.filter((one) => one.seq > entry.seq && one.kind.startsWith("pause_"))
  const next = later.findIndex((one) => one.kind === "pause_called")
  const last = (next < 0 ? later : later.slice(0, next)).at(-1)
  const until = last?.body.until ?? entry.body.until ?? ""
  return last?.kind === "pause_ended" || until <= new Date().toISOString()
    ? _("It lasted until %(time)s.", { time: clock(until) })
    : _("Until %(time)s everybody can read, and only the mediator writes.", { time: clock(until) })
}
