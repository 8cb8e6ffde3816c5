/** The streams of a room: what was said and what was done, merged by time, the newest at the bottom. */
/** @import { Entry } from "./types" */
import { draw as drawBubble, drawFile, drawLetter, drawStates, recall, showActions } from "./bubbles.js"
import { draw as drawCard, redraws } from "./cards.js"
import { ask, hear, line } from "./connection.js"
import { channel, facts, nameOf } from "./facts.js"
import { Ledger } from "./ledger.js"
import * as outbox from "./outbox.js"
import { copy, make, part } from "./page.js"
import { day, dayStart } from "./times.js"
import { _ } from "./words.js"

const NEAR = 96
/** So far above what is on the screen begins the fetching of what came before. */
const AHEAD = 200

/** One place in the room: a list that shows one channel, or two merged. */
export class Stream {
  /** @type {Map<string, Ledger>} */
  ledgers = new Map()
  /** @type {Set<string>} the entries that are drawn */
  #drawn = new Set()
  #unseen = 0
  /** Whoever reads the newest goes on reading the newest, whatever grows or shrinks around it. */
  #stuck = true
  /** Where the reader was when they last scrolled. */
  #top = 0
  #loading = false
  #marking = 0

  /** @param {string} key @param {(entry: Entry) => void} reply */
  constructor(key, reply) {
    this.key = key
    this.panel = copy("stream")
    this.scroller = part(this.panel, "scroller")
    this.list = part(this.panel, "list")
    this.empty = part(this.panel, "empty")
    this.newer = part(this.panel, "newer")
    this.panel.id = `stream-${key}`
    this.newer.addEventListener("click", () => this.toNewest(true))
    const settled = new ResizeObserver(() => {
      if (this.#stuck) this.toNewest()
      this.#older()
    })
    for (const box of [this.scroller, this.list]) settled.observe(box)
    this.scroller.addEventListener("scroll", () => this.#scrolled(), { passive: true })
    showActions(this.list, (seq, id) => this.ledgers.get(id)?.find(seq), reply)
  }

  /** Reads on in each of its channels, old and new ones. @param {string[]} ids */
  async open(ids) {
    const first = ![...this.ledgers.values()].some((ledger) => ledger.begun)
    for (const id of ids) if (!this.ledgers.has(id)) this.ledgers.set(id, this.#ledger(id))
    await Promise.all([...this.ledgers].map(([id, ledger]) => ledger.open(channel(id)?.last_seq ?? 0)))
    this.#refill()
    this.empty.hidden = this.list.childElementCount > 0
    if (first) this.toNewest()
    this.markRead()
    this.#older()
  }

  /** @param {string} id */
  #ledger(id) {
    return new Ledger(id, {
      fresh: (...heard) => this.#fresh(...heard),
      old: () => this.#refill(),
      again: () => this.open([...this.ledgers.keys()]),
    })
  }

  /** @param {Entry} entry */
  take(entry) {
    this.ledgers.get(entry.channel)?.take(entry)
  }

  get shown() {
    return !this.panel.hidden && document.visibilityState === "visible"
  }

  get #atEnd() {
    return this.scroller.scrollHeight - this.scroller.scrollTop - this.scroller.clientHeight < NEAR
  }

  toNewest(smooth = false) {
    this.#stuck = true
    this.scroller.scrollTo({ top: this.scroller.scrollHeight, behavior: smooth ? "smooth" : "instant" })
    this.#top = this.scroller.scrollTop
    this.#count(0)
  }

  /** Says that everything down to the end has been seen; only of what is really on the screen. */
  markRead() {
    clearTimeout(this.#marking)
    this.#marking = setTimeout(() => {
      if (!this.shown || !this.#atEnd || line() !== "online") return
      for (const ledger of this.ledgers.values()) {
        const known = channel(ledger.channel)
        if (!known || known.read_seq >= ledger.last) continue
        known.read_seq = ledger.last
        ask("mark_read", { channel: ledger.channel, seq: ledger.last }).catch(() => undefined)
      }
      document.dispatchEvent(new Event("unread"))
    }, 300)
  }

  /** What is written here and on its way. @param {import("./outbox.js").Letter} letter */
  showLetter(letter, sent = false) {
    const there = this.#pending(letter.client_id)
    if (!there && sent) return // its entry was quicker than the acknowledgement
    const row = drawLetter(letter, this.ledgers.get(letter.channel)?.find(letter.reply_to ?? 0), sent)
    if (there) there.replaceWith(row)
    else this.list.append(row)
    this.empty.hidden = true
    if (!there) this.toNewest()
  }

  /** A file on its way. @param {import("./uploads.js").Parcel} parcel */
  showParcel(parcel) {
    if (this.#pending(parcel.client_id)) return
    this.list.append(drawFile(parcel))
    this.empty.hidden = true
    this.toNewest()
  }

  /** @param {string} id */
  #pending(id) {
    const found = this.list.querySelector(`[data-client="${CSS.escape(id)}"]`)
    return found instanceof HTMLElement ? found : null
  }

  /** @param {Entry[]} entries @param {boolean} live */
  #fresh(entries, live) {
    if (!live) return // the first page of each is drawn when all have come
    const stick = this.#stuck
    for (const entry of entries) this.#show(entry)
    const own = entries.some((entry) => entry.actor === facts().me)
    if (stick || own) this.toNewest()
    else this.#count(this.#unseen + entries.length)
    this.#announce(entries)
    if (entries.some((entry) => redraws(entry.kind))) this.#redraw()
    this.empty.hidden = this.list.childElementCount > 0
    this.markRead()
  }

  /** Draws what may be drawn by now: with two channels, nothing older than what both have been read down to. */
  #refill() {
    const floor = [...this.ledgers.values()].reduce((most, ledger) => {
      const first = ledger.whole ? "" : ledger.entries[0]?.at ?? ""
      return first > most ? first : most
    }, "")
    const height = this.scroller.scrollHeight
    for (const ledger of this.ledgers.values()) {
      for (const entry of ledger.entries) if (entry.at >= floor) this.#show(entry)
    }
    const grown = this.scroller.scrollHeight - height
    if (grown > 0 && this.#loading) this.scroller.scrollTop += grown
  }

  /**
   * Whether what came before is wanted: somebody has scrolled up to it, or all that was read fits on the screen, where nobody
   * could. Not before the newest page of each channel has been read: until then the top of an empty list is in sight.
   */
  get #wantsOlder() {
    const { scrollHeight, scrollTop, clientHeight } = this.scroller
    if (!clientHeight || ![...this.ledgers.values()].every((ledger) => ledger.begun)) return false
    return scrollHeight - clientHeight <= NEAR || (!this.#stuck && scrollTop < AHEAD)
  }

  async #older() {
    if (this.#loading || !this.#wantsOlder) return
    // Of two channels, the one that is read less far back holds the other one up.
    const [latest] = [...this.ledgers.values()]
      .filter((ledger) => !ledger.whole)
      .sort((a, b) => ((a.entries[0]?.at ?? "") < (b.entries[0]?.at ?? "") ? 1 : -1))
    if (!latest) return
    this.#loading = true
    const more = await latest.older()
    this.#loading = false
    if (more) requestAnimationFrame(() => this.#older())
  }

  /** @param {Entry} entry */
  #show(entry) {
    const key = `${entry.channel}:${entry.seq}`
    if (this.#drawn.has(key)) return
    this.#drawn.add(key)
    if (entry.kind === "message_recalled") return recall(this.list, entry)
    const ledger = this.ledgers.get(entry.channel)
    const row = entry.kind === "message_posted"
      ? drawBubble(entry, ledger?.find(entry.body.reply_to ?? 0), ledger)
      : drawCard(entry, ledger?.entries ?? [])
    if (!row) return
    if (entry.client_id) this.#pending(entry.client_id)?.remove()
    row.dataset.at = entry.at
    row.dataset.key = key
    this.#separate(entry.at)
    this.#insert(row)
  }

  /** @param {HTMLElement} row */
  #insert(row) {
    const rows = this.list.children
    let low = 0
    let high = rows.length
    while (low < high) {
      const middle = (low + high) >> 1
      const at = rows[middle] instanceof HTMLElement ? rows[middle].dataset.at ?? "~" : "~"
      if (at < (row.dataset.at ?? "~")) low = middle + 1
      else high = middle
    }
    this.list.insertBefore(row, rows[low] ?? null)
    for (const one of [row, row.nextElementSibling]) if (one instanceof HTMLElement) follow(one)
  }

  /** @param {string} at */
  #separate(at) {
    const begins = dayStart(at)
    if (this.#drawn.has(begins)) return
    this.#drawn.add(begins)
    const row = make("li", "stream__day", day(at))
    row.dataset.at = begins
    this.#insert(row)
  }

  /** Cards whose buttons depend on what came later. */
  #redraw() {
    for (const ledger of this.ledgers.values()) {
      for (const entry of ledger.entries.filter((one) => redraws(one.kind))) {
        const key = `${entry.channel}:${entry.seq}`
        const there = this.list.querySelector(`[data-key="${CSS.escape(key)}"]`)
        const row = there && drawCard(entry, ledger.entries)
        if (!row) continue
        Object.assign(row.dataset, { at: entry.at, key })
        there.replaceWith(row)
      }
    }
  }

  showReads() {
    drawStates(this.list)
  }

  #scrolled() {
    if (this.panel.hidden) return
    const up = this.scroller.scrollTop < this.#top
    this.#top = this.scroller.scrollTop
    // Only a reader moves up; what grows below them, before they are taken along, is not their leaving.
    if (this.#atEnd || up) this.#stuck = this.#atEnd
    this.#older()
    if (!this.#stuck) return
    this.#count(0)
    this.markRead()
  }

  /** @param {number} unseen */
  #count(unseen) {
    this.#unseen = unseen
    this.newer.hidden = unseen === 0
    part(this.newer, "count").textContent = _("%(n)s new", { n: unseen })
  }

  /** For who listens instead of looking. @param {Entry[]} entries */
  #announce(entries) {
    const said = entries.filter((entry) => entry.actor !== facts().me && entry.kind === "message_posted")
    if (!this.shown || !said.length) return
    const live = part(document.body, "live")
    live.textContent = said
      .map((entry) => _("%(name)s: %(text)s", { name: nameOf(entry.actor), text: entry.body.text || entry.body.file?.name || "" }))
      .join("\n")
  }
}

/** A bubble that follows another of the same person needs no name again. @param {HTMLElement} row */
function follow(row) {
  const before = row.previousElementSibling
  const same = before instanceof HTMLElement && before.dataset.actor !== undefined && before.dataset.actor === row.dataset.actor
  row.classList.toggle("bubble--follows", same && row.classList.contains("bubble"))
}

/** Keeps what waits to be sent on the screen. @param {(channel: string) => Stream | undefined} streamOf */
export function start(streamOf) {
  outbox.start(facts().room, facts().me, (letter, receipt) => {
    const stream = streamOf(letter.channel)
    stream?.showLetter(letter, receipt !== null)
    const ledger = stream?.ledgers.get(letter.channel)
    // The push of the same entry replaces it; should that have got lost, it is read.
    if (ledger && receipt) setTimeout(() => ledger.last < receipt.seq && ledger.catchUp(), 1000)
  })
  hear("line", () => {
    for (const letter of outbox.waiting()) streamOf(letter.channel)?.showLetter(letter)
  })
}
