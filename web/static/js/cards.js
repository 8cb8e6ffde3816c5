/** The procedure in plain words: what happened, as a card where it matters and as a quiet line where it does not. */
/** @import { Entry } from "./types" */
import { whyGone } from "./bubbles.js"
import { allChannels, everybody, facts, may, nameOf, person } from "./facts.js"
import { card as fileCard, fingerprint } from "./files.js"
import { icon, make } from "./page.js"
import { clock, dayAndClock } from "./times.js"
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
  const drawn = drawing ? (entry.erased ? whyGone(entry.erased) : drawing(entry, all)) : null
  if (drawn === null) return null
  const row = typeof drawn === "string" ? act(drawn, entry) : sheet(drawn, entry)
  row.dataset.kind = entry.kind
  row.dataset.seq = String(entry.seq)
  row.dataset.channel = entry.channel
  return row
}

/** Whether a card of this kind looks different after later entries. @param {string} kind */
export function redraws(kind) {
  return /^(agreement|hearing|pause|unsealing)_/.test(kind) || ["signing_refused", "message_unsealed"].includes(kind)
}

/** The cards of another area, which come when one can write already. @param {Record<string, Drawing>} more */
export function add(more) {
  Object.assign(drawings, more)
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
  hearing_started: (entry, all) => ({
    icon: "camera", title: _("The meeting has begun"), tone: "next", text: _("%(name)s leads it.", { name: nameOf(entry.actor) }),
    nodes: isOver(entry, all) ? [] : [joining()],
  }),
  hearing_closed: () => ({ icon: "camera-off", title: _("The meeting is over"), tone: "flat", text: _("You can go on writing here.") }),
  document_submitted: document_,
  document_withdrawn: ({ actor, body }) => ({ icon: "document", title: _("%(name)s withdrew a document", { name: nameOf(actor) }), tone: "flat", text: _("The reason: %(reason)s", { reason: body.reason ?? "" }) }),
  notice_pinned: ({ actor, body }) => ({ icon: "pin", title: _("Notice from %(name)s", { name: nameOf(actor) }), tone: "flat", text: body.text }),
  notice_unpinned: ({ actor }) => _("%(name)s took a notice down.", { name: nameOf(actor) }),
  unsealing_asked: ({ actor, body }, all) => ({
    icon: "lock", title: _("%(name)s asks the judge to open message %(n)s", { name: nameOf(actor), n: body.seq ?? "" }), tone: "flat",
    text: withReason(_("It was taken back, and is sealed."), body.reason), nodes: isDone("unsealing_ordered", body, all) ? [] : [
      ...unsealing("order_unsealing", _("Order that it be opened"), body),
      ...(isDone("unsealing_refused", body, all) ? [] : unsealing("refuse_unsealing", _("Leave it sealed"), body, "button--quiet")),
    ],
  }),
  unsealing_refused: ({ actor, body }) => ({
    icon: "lock", title: _("%(name)s leaves message %(n)s sealed", { name: nameOf(actor), n: body.seq ?? "" }), tone: "flat", text: _("The reason: %(reason)s", { reason: body.reason ?? "" }),
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
}

/** The button of an act that only some may do; the part of the page that does it comes later. @param {string} act @param {string} words @param {Entry["body"]} body @param {string} [style] */
function unsealing(act, words, body, style = "") {
  if (act !== "look_at_message" && !may(act === "refuse_unsealing" ? "order_unsealing" : act)) return []
  const made = make("button", `button button--small ${style}`, words)
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
  return (entry, all) => {
    const { hearing, title: name, starts_at: at } = entry.body
    const later = all.filter((one) => one.seq > entry.seq && one.body.hearing === hearing)
    const moved = later.some((one) => ["hearing_changed", "hearing_cancelled", "hearing_started", "hearing_closed"].includes(one.kind))
    return {
      icon: "calendar", title, tone: moved ? "flat" : "next", text: [name, at && dayAndClock(at)].filter(Boolean).join(" · "),
      nodes: moved ? [] : [joining()],
      links: moved ? [] : [[`/rooms/${facts().room}/check`, _("Check camera and sound")]],
    }
  }
}

/** @param {Entry} entry @param {Entry[]} all */
function isOver({ seq, body }, all) {
  return all.some((one) => one.seq > seq && one.kind === "hearing_closed" && one.body.hearing === body.hearing)
}

/** Joins as the door of the stage does: it opens half an hour before, and says so until then. */
function joining() {
  const line = make("p", "stream__links")
  const press = make("button", "button button--small button--may stream__join", _("Join the meeting"))
  press.type = "button"
  press.addEventListener("click", () => {
    const door = document.querySelector("[data-part='stage-area'] [data-part='join']")
    if (door instanceof HTMLElement && !door.hidden) door.click()
    document.querySelector("[data-part='stage-area']")?.scrollIntoView({ block: "nearest" })
  })
  line.append(press)
  return line
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

/** @param {string} text @param {string | undefined} reason */
export function withReason(text, reason) {
  return reason ? text + gap + _("The reason: %(reason)s", { reason }) : text
}

/** @param {Entry["body"]["people"]} people */
export function names(people) {
  const ids = (people ?? []).map((one) => (typeof one === "string" ? one : one.name))
  const known = ids.map((id) => person(id)?.name ?? id).filter((name) => name.length < 60)
  return known.join(_(", ")) || everybody().filter((one) => one.standing === "mediator").map((one) => one.name).join(_(", "))
}
