/** The procedure in plain words: what happened, as a card where it matters and as a quiet line where it does not. */
/** @import { Entry } from "./types" */
import { allChannels, everybody, facts, may, me, nameOf, person } from "./facts.js"
import { card as fileCard, fingerprint } from "./files.js"
import { icon, make } from "./page.js"
import { clock, dayAndClock, money, plainDay } from "./times.js"
import { _, gap } from "./words.js"

/**
 * @typedef {object} Card
 * @property {string} icon
 * @property {string} title
 * @property {string} [text]
 * @property {"next" | "late" | "sealed" | "flat"} [tone]
 * @property {Node[]} [nodes]
 * @property {[string, string, string?][]} [links] address, words, kind of button
 */
/** @typedef {(entry: Entry, all: Entry[]) => Card | string | null} Drawing a card, or the sentence of a quiet line */

/** @param {Entry} entry @param {Entry[]} all the channel's entries, for what came later */
export function draw(entry, all) {
  const drawing = drawings[entry.kind]
  const drawn = drawing ? drawing(entry, all) : null
  if (drawn === null) return null
  const row = typeof drawn === "string" ? act(drawn, entry) : sheet(drawn, entry)
  row.dataset.kind = entry.kind
  row.dataset.seq = String(entry.seq)
  row.dataset.channel = entry.channel
  return row
}

/** Whether a card of this kind looks different after later entries. @param {string} kind */
export function redraws(kind) {
  return kind.startsWith("agreement_") || kind.startsWith("unsealing_") || ["signing_refused", "message_unsealed"].includes(kind)
}

/** @param {string} text @param {Entry} entry */
function act(text, entry) {
  const row = make("li", "stream__act", text)
  const time = make("time", "", ` ${clock(entry.at)}`)
  time.dateTime = entry.at
  row.append(time)
  return row
}

/** @param {Card} card @param {Entry} entry */
function sheet(card, entry) {
  const row = make("li", `card stream__card${card.tone ? ` card--${card.tone}` : ""}`)
  const title = make("p", "card__title")
  title.append(icon(card.icon), card.title)
  const meta = make("p", "card__meta", dayAndClock(entry.at))
  row.append(title, ...(card.text ? [make("p", "stream__words", card.text)] : []), ...(card.nodes ?? []))
  if (card.links?.length) {
    const links = make("p", "stream__links")
    for (const [address, words, kind] of card.links) {
      const link = make("a", `button button--small ${kind ?? "button--quiet"}`, words)
      link.href = address
      links.append(link)
    }
    row.append(links)
  }
  row.append(meta)
  return row
}

/** @type {Record<string, Drawing>} */
const drawings = {
  case_registered: (entry) => ({ icon: "scales", title: _("The case was registered"), text: entry.body.title, tone: "flat" }),
  invitation_sent: ({ body }) => _("%(name)s was invited.", { name: nameOf(body.person) }),
  invitation_opened: ({ body }) => _("%(name)s opened the invitation.", { name: nameOf(body.person) }),
  consent_given: consent("check", _("%(name)s agreed to mediate online")),
  consent_refused: consent("info", _("%(name)s did not agree to mediate online")),
  consent_withdrawn: consent("info", _("%(name)s withdrew the consent to mediate online")),
  mediation_began: ({ body }) => ({
    icon: "clock", title: _("The mediation has begun"), tone: "next",
    text: body.ends_at ? _("There is time for it until %(when)s.", { when: dayAndClock(body.ends_at) }) : undefined,
  }),
  room_opened: ({ actor }) => _("%(name)s opened this room.", { name: nameOf(actor) }),
  room_frozen: ({ actor }) => _("%(name)s closed the room for writing for the time being.", { name: nameOf(actor) }),
  room_thawed: ({ actor }) => _("%(name)s opened the room for writing again.", { name: nameOf(actor) }),
  hearing_booked: meeting(_("A meeting was booked")),
  hearing_changed: meeting(_("The meeting was moved")),
  hearing_cancelled: ({ body }) => ({
    icon: "calendar", title: _("The meeting was cancelled"), tone: "flat", text: body.reason ? _("The reason: %(reason)s", { reason: body.reason }) : undefined,
  }),
  hearing_started: ({ actor }) => ({ icon: "camera", title: _("The meeting has begun"), tone: "next", text: _("%(name)s leads it.", { name: nameOf(actor) }) }),
  hearing_closed: () => ({ icon: "camera-off", title: _("The meeting is over"), tone: "flat", text: _("You can go on writing here.") }),
  person_admitted: ({ body }) => _("%(name)s came in.", { name: nameOf(body.person) }),
  person_removed: ({ actor, body }) => withReason(body.block ? _("%(by)s sent %(name)s out of this meeting.", { by: nameOf(actor), name: nameOf(body.person) }) : _("%(by)s asked %(name)s back to the waiting room.", { by: nameOf(actor), name: nameOf(body.person) }), body.reason),
  person_warned: ({ actor, body }) => withReason(_("%(by)s gave %(name)s a warning.", { by: nameOf(actor), name: nameOf(body.person) }), body.reason),
  person_muted: ({ actor, body }) => withReason(mutings(body.source, body.lock !== false, { by: nameOf(actor), name: nameOf(body.person) }), body.reason),
  people_muted: ({ actor, body }) => withReason(_("%(by)s muted everybody but who speaks.", { by: nameOf(actor) }), body.reason),
  person_unmuted: ({ actor, body }) => actor === body.person
    ? _("%(name)s went on being heard and seen.", { name: nameOf(actor) })
    : _("%(by)s let %(name)s be heard and seen again.", { by: nameOf(actor), name: nameOf(body.person) }),
  share_allowed: ({ actor, body }) => _("%(by)s lets %(name)s show the screen.", { by: nameOf(actor), name: nameOf(body.person) }),
  share_forbidden: ({ actor, body }) => withReason(_("%(by)s does not let %(name)s show the screen.", { by: nameOf(actor), name: nameOf(body.person) }), body.reason),
  hearing_suspended: () => ({ icon: "clock", title: _("The meeting stands still"), tone: "flat", text: _("Nobody leads it: the mediator’s connection was lost. Everybody is in the waiting room, and back where they were as soon as the mediator is.") }),
  hearing_resumed: ({ actor }) => ({ icon: "camera", title: _("The meeting goes on"), tone: "next", text: _("%(name)s leads it.", { name: nameOf(actor) }) }),
  person_joined: ({ body }) => _("%(name)s is in the meeting.", { name: nameOf(body.person) }),
  person_back: ({ body }) => _("%(name)s is back.", { name: nameOf(body.person) }),
  person_lost: ({ body }) => _("%(name)s’s connection was lost.", { name: nameOf(body.person) }),
  person_left: ({ body }) => leavings(body.code, { name: nameOf(body.person) }),
  statement_disputed: ({ body }) => _("%(name)s does not agree with the connection statement.", { name: nameOf(body.person) }),
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
  document_submitted: document_,
  notice_pinned: ({ actor, body }) => ({ icon: "pin", title: _("Notice from %(name)s", { name: nameOf(actor) }), tone: "flat", text: body.text }),
  notice_unpinned: ({ actor }) => _("%(name)s took a notice down.", { name: nameOf(actor) }),
  unsealing_asked: ({ actor, body }, all) => ({
    icon: "lock", title: _("%(name)s asks the judge to open message %(n)s", { name: nameOf(actor), n: body.seq ?? "" }), tone: "flat",
    text: withReason(_("It was taken back, and is sealed."), body.reason), nodes: isDone("unsealing_ordered", body, all) ? [] : unsealing("order_unsealing", _("Order that it be opened"), body),
  }),
  unsealing_ordered: ({ actor, body }, all) => ({
    icon: "lock", title: _("%(name)s has ordered that message %(n)s be opened", { name: nameOf(actor), n: body.seq ?? "" }), tone: "sealed",
    text: withReason(_("It was taken back, and is sealed."), body.reason), nodes: isDone("message_unsealed", body, all) ? [] : unsealing("unseal_message", _("Carry out the order"), body),
  }),
  message_unsealed: opened,
  unsealed_message_viewed: ({ actor, body }) => _("%(name)s looked at message %(n)s, which was opened by order.", { name: nameOf(actor), n: body.seq ?? "" }),
  caucus_opened: (entry) => {
    const among = names(entry.body.people)
    return { icon: "lock", title: _("A private talk has begun"), tone: "flat", text: _("%(names)s. What is said there stays there.", { names: among }) }
  },
  caucus_closed: () => _("A private talk has ended."),
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
  agreement_proposed: proposed,
  agreement_frozen: frozen,
  agreement_thawed: ({ body }) => ({ icon: "pen", title: _("Version %(n)s can be changed again", { n: body.version ?? "" }), tone: "flat", text: _("The signatures under it no longer count.") }),
  agreement_signed: ({ body, actor }) => ({
    icon: "pen", title: _("%(name)s signed version %(n)s", { name: nameOf(body.person ?? actor), n: body.version ?? "" }), tone: "sealed",
    text: body.signer && body.signer !== body.person ? _("%(by)s did so for %(name)s.", { by: nameOf(body.signer), name: nameOf(body.person) }) : undefined,
  }),
  signing_refused: ({ body, actor }) => ({ icon: "info", title: _("%(name)s will not sign version %(n)s", { name: nameOf(body.person ?? actor), n: body.version ?? "" }), tone: "flat" }),
  agreement_effective: ({ body }) => ({
    icon: "seal", title: _("The agreement is in force"), tone: "sealed", text: _("Everybody has signed version %(n)s.", { n: body.version ?? "" }),
    links: [[version(body), _("Read the agreement")]],
  }),
  case_settled: settled,
  case_ended: ({ body }) => ({ icon: "door", title: _("The mediation has ended"), tone: "sealed", text: [ending(body.reason ?? ""), body.note].filter(Boolean).join("\n") }),
  certificate_issued: ({ body }) => ({
    icon: "seal", title: _("The certificate is ready"), tone: "sealed",
    nodes: body.document ? [fileCard(body.document), fingerprint(body.document.sha256)] : [],
    links: [[`/cases/${facts().case.id}/certificate`, _("Open the certificate")]],
  }),
}

/** The button of an act that only some may do; the part of the page that does it comes later. @param {string} act @param {string} words @param {Entry["body"]} body */
function unsealing(act, words, body) {
  if (act !== "look_at_message" && !may(act)) return []
  const made = make("button", "button button--small", words)
  made.type = "button"
  Object.assign(made.dataset, { act, of: body.channel ?? "", at: String(body.seq), early: "" })
  return [made]
}

/** Whether this was done with the same message since. @param {string} kind @param {Entry["body"]} body @param {Entry[]} all */
function isDone(kind, body, all) {
  return all.some((one) => one.kind === kind && one.body.channel === body.channel && one.body.seq === body.seq)
}

/** The record says it too, for those who are not where the message was said. @type {Drawing} */
function opened({ channel, body }) {
  const own = allChannels().some((one) => one.id === body.channel)
  if (own && channel !== body.channel) return null
  const title = _("Message %(n)s was opened, as the judge ordered", { n: body.seq ?? "" })
  return own ? { icon: "lock", title, tone: "sealed", nodes: unsealing("look_at_message", _("Look at it"), body) } : { icon: "lock", title, tone: "flat" }
}

/** @param {string} drawnAs @param {string} title @returns {Drawing} */
function consent(drawnAs, title) {
  return ({ actor, body }) => {
    const name = nameOf(body.person ?? actor)
    const proxy = body.person && actor && body.person !== actor ? _("%(by)s did so for %(name)s.", { by: nameOf(actor), name }) : undefined
    return { icon: drawnAs, title: title.replace("%(name)s", name), text: proxy, tone: "flat" }
  }
}

/** @param {string} title @returns {Drawing} */
function meeting(title) {
  return ({ body }) => ({
    icon: "calendar", title, tone: "flat", text: [body.title, body.starts_at && dayAndClock(body.starts_at)].filter(Boolean).join(" · "),
    links: [[`/rooms/${facts().room}/check`, _("Check camera and sound")]],
  })
}

/** @type {Drawing} */
function document_({ actor, body, channel }, _all) {
  const file = body.document
  if (!file) return null
  const walled = document.querySelector(`[data-private="${CSS.escape(channel)}"]`) !== null
  return {
    icon: "document", title: _("%(name)s submitted a document", { name: nameOf(actor) }), tone: "flat",
    nodes: [fileCard(file), fingerprint(file.sha256)],
    text: walled ? _("Only those in this private place can see it.") : _("Everybody in the case can see it."),
  }
}

/** @type {Drawing} */
function proposed({ actor, body }) {
  const n = Number(body.version ?? 1)
  const links = [[version(body), _("Read")]]
  if (n > 1) links.push([`/agreements/${body.agreement}/comparison?from=${n - 1}&to=${n}`, _("What changed?")])
  return {
    icon: "document", title: _("Agreement, version %(n)s", { n }), text: [_("%(name)s proposes it.", { name: nameOf(body.by ?? actor) }), body.summary].filter(Boolean).join(gap),
    tone: "next", links: /** @type {[string, string][]} */ (links),
  }
}

/** @type {Drawing} */
function frozen(entry, all) {
  const { body } = entry
  const later = all.filter((one) => one.seq > entry.seq && one.body.agreement === body.agreement)
  const over = later.some((one) => ["agreement_thawed", "agreement_effective", "agreement_frozen", "signing_refused"].includes(one.kind))
  const mine = later.some((one) => one.kind === "agreement_signed" && [one.body.person, one.body.signer, one.actor].includes(facts().me))
  const own = me()
  const signer = own?.side !== "bench" && (own?.standing !== "agent" || own.authority === "special")
  /** @type {[string, string, string?][]} */
  const links = [[version(body), _("Read")]]
  if (signer && !over && !mine) links.unshift([`/agreements/${body.agreement}/signature`, _("Sign version %(n)s", { n: body.version ?? "" }), "button--seal"])
  return {
    icon: "lock", title: _("Version %(n)s is fixed and can be signed", { n: body.version ?? "" }), tone: "next",
    text: _("Nobody can change this text now. It counts when everybody has signed it."), links,
  }
}

/** @type {Drawing} */
function settled({ body }) {
  const sums = Object.entries(body.amounts ?? {}).map(([currency, minor]) => money(minor, currency))
  const due = body.due_dates ?? []
  const days = due.length ? [[due[0], due.at(-1)].filter((one, n, all) => one && all.indexOf(one) === n).map((one) => plainDay(one ?? "")).join(" – ")] : []
  return {
    icon: "seal", title: _("The case is settled"), tone: "sealed", text: _("What was agreed is recorded as the outcome. The certificate follows in a moment."),
    links: [[`/cases/${facts().case.id}`, _("See the outcome")]],
    nodes: [make("p", "stream__sum", [...sums, ...days].join(" · "))],
  }
}

/** @param {Entry["body"]} body */
function version(body) {
  return `/agreements/${body.agreement}/versions/${body.version}`
}

/** @param {Entry["body"]} body @param {string} name */
function carriedTo(body, name) {
  if (body.to_kind === "talks") return _("%(name)s told this to everybody", { name })
  return body.to_side === "claimant" ? _("%(name)s told this to the claimant’s side", { name }) : _("%(name)s told this to the respondent’s side", { name })
}

/** @param {string} text @param {string | undefined} reason */
function withReason(text, reason) {
  return reason ? text + gap + _("The reason: %(reason)s", { reason }) : text
}

/** @param {string | undefined} source @param {boolean} lock @param {{ by: string, name: string }} who */
function mutings(source, lock, who) {
  if (source === "camera") return lock ? _("%(by)s turned the camera of %(name)s off and locked it.", who) : _("%(by)s turned the camera of %(name)s off.", who)
  if (source === "screen") return _("%(by)s stopped what %(name)s was showing.", who)
  return lock ? _("%(by)s muted the microphone of %(name)s and locked it.", who) : _("%(by)s muted the microphone of %(name)s.", who)
}

/** @param {string | undefined} code @param {{ name: string }} who */
function leavings(code, who) {
  if (code === "not_back") return _("%(name)s did not come back in time.", who)
  if (code === "page_closed") return _("%(name)s closed the page.", who)
  return _("%(name)s left the meeting.", who)
}

/** @param {Entry["body"]["people"]} people */
function names(people) {
  const ids = (people ?? []).map((one) => (typeof one === "string" ? one : one.name))
  const known = ids.map((id) => person(id)?.name ?? id).filter((name) => name.length < 60)
  return known.join(_(", ")) || everybody().filter((one) => one.standing === "mediator").map((one) => one.name).join(_(", "))
}

/** Why a mediation ended, in the words of the rule pack, which came with the page. @param {string} code */
function ending(code) {
  const words = document.getElementById("endings")
  const found = words instanceof HTMLTemplateElement ? words.content.querySelector(`[data-code="${CSS.escape(code)}"]`) : null
  return found?.textContent ?? code
}
