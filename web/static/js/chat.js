/** The streams of a room: what was said and what was done, merged by time, the newest at the bottom. */
/** @import { Entry } from "./types" */
import { drawFile, drawLetter, drawStates } from "./bubbles.js"
import { redraws } from "./cards.js"
import { hear } from "./connection.js"
import { allChannels, channel, facts } from "./facts.js"
import { Ledger } from "./ledger.js"
import * as outbox from "./outbox.js"
import { copy, part } from "./page.js"
import { Window } from "./window.js"
import { _ } from "./words.js"

const NEAR = 96
/** So many heights of the screen from the edge of what is drawn begins the fetching of what is beyond. */
const AHEAD = 1.5

/** One place in the room: a list that shows one channel, or two merged. */
export class Stream {
  /** @type {Map<string, Ledger>} */
  ledgers = new Map()
  /** Whoever reads the newest goes on reading the newest, whatever grows or shrinks around it. */
  #stuck = true
  #left = false
  /** Where the reader was when they last scrolled. */
  #top = 0
  #loading = false
  /** Who has never read anything in the room begins with the newest. */
  #newcomer = allChannels().every((one) => one.read_seq === 0)

  /** @param {string} key */
  constructor(key) {
    this.key = key
    this.panel = copy("stream")
    this.scroller = part(this.panel, "scroller")
    this.list = part(this.panel, "list")
    this.empty = part(this.panel, "empty")
    this.newer = part(this.panel, "newer")
    this.window = new Window(this.scroller, this.list, this.ledgers)
    hear("cards", () => this.window.again())
    this.panel.id = `stream-${key}`
    this.newer.addEventListener("click", () => this.toNewest(true))
    const settled = new ResizeObserver(() => {
      if (this.#stuck) this.#down()
      this.#more()
    })
    for (const box of [this.scroller, this.list]) settled.observe(box)
    this.scroller.addEventListener("scroll", () => this.#scrolled(), { passive: true })
  }

  /** Reads on in each of its channels, old and new ones. @param {string[]} ids */
  async open(ids) {
    const first = ![...this.ledgers.values()].some((ledger) => ledger.begun)
    for (const id of ids) if (!this.ledgers.has(id)) this.ledgers.set(id, this.#ledger(id))
    const followed = this.#stuck
    if (!first && followed) this.#stuck = false // what was missed meanwhile is begun at its beginning
    await Promise.all([...this.ledgers].map(([id, ledger]) => ledger.open(channel(id)?.last_seq ?? 0)))
    if (this.window.live) this.window.toEnd()
    this.empty.hidden = this.list.childElementCount > 0
    if (first || followed) await this.toUnread()
    this.#more()
  }

  /** @param {string} id */
  #ledger(id) {
    return new Ledger(id, {
      fresh: (...heard) => this.#fresh(...heard),
      old: () => undefined,
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

  /** What waits further down; nothing for a reader who is at the end and sees each thing come. */
  get unread() {
    if (this.shown && this.#stuck) return 0
    return [...this.ledgers.keys()].reduce((sum, id) => sum + Math.max(0, (channel(id)?.last_seq ?? 0) - (channel(id)?.read_seq ?? 0)), 0)
  }

  #isAtEnd(near = NEAR) {
    return this.window.live && this.scroller.scrollHeight - this.scroller.scrollTop - this.scroller.clientHeight <= near
  }

  toNewest(smooth = false) {
    this.#stuck = true
    const near = this.window.live
    if (!near) this.window.toEnd()
    this.#down(smooth && near)
    this.showUnread()
  }

  /** Leads to where the unread begins, wherever that is; to the newest when all was read. */
  async toUnread() {
    if (![...this.ledgers.values()].every((ledger) => ledger.begun)) return this.toNewest()
    this.window.unread = this.#unread()
    this.#left = false
    const far = [...this.window.unread].filter(([id, seq]) => !this.ledgers.get(id)?.find(seq))
    for (const [id, seq] of far) await this.ledgers.get(id)?.around(seq)
    const at = this.window.news
    if (!at) return this.toNewest()
    const late = [...this.ledgers.values()].filter((ledger) => ledger.span[0] > at)
    if (far.length) await this.#since(late, at)
    this.window.again()
    if (!this.window.newsRow) this.window.around(at)
    this.#stuck = false
    this.window.newsRow?.scrollIntoView({ block: "start", behavior: "instant" })
    this.#settle(1)
  }

  /** Whoever comes back to the page goes on where they stopped. */
  look() {
    if (this.shown) this.#left ? this.toUnread() : this.#settle(NEAR)
  }

  /** Where a reader is who has not scrolled there. @param {number} near */
  #settle(near) {
    this.#stuck = this.#isAtEnd(near)
    if (this.#stuck) this.#down()
    this.#top = this.scroller.scrollTop
    document.dispatchEvent(new Event("unread"))
  }

  #down(smooth = false) {
    this.scroller.scrollTo({ top: this.scroller.scrollHeight, behavior: smooth ? "smooth" : "instant" })
    this.#top = this.scroller.scrollTop
  }

  /** Leads to an entry, wherever it is; false when it cannot be read. @param {string} id @param {number} seq */
  async jumpTo(id, seq) {
    const ledger = this.ledgers.get(id)
    if (!ledger || !(await ledger.around(seq))) return false
    const at = ledger.find(seq)?.at ?? ""
    const others = [...this.ledgers.values()].filter((one) => one !== ledger)
    return (await this.#since(others, at)) && this.#showAt(at)
  }

  /** Leads to what was first said from a time on. @param {string} at */
  async jumpToTime(at) {
    return (await this.#since([...this.ledgers.values()], at)) && this.#showAt(at)
  }

  /** @param {Ledger[]} ledgers @param {string} at */
  async #since(ledgers, at) {
    return (await Promise.all(ledgers.map((ledger) => ledger.since(at)))).every(Boolean)
  }

  /** @param {string} at */
  #showAt(at) {
    this.#stuck = false
    const found = this.window.around(at)
    const row = found && this.window.rowFrom(found.at)
    if (!row) return false
    row.scrollIntoView({ block: "center", behavior: "instant" })
    row.tabIndex = -1
    row.focus({ preventScroll: true })
    row.classList.add("stream__found")
    row.addEventListener("blur", () => row.classList.remove("stream__found"), { once: true })
    this.#top = this.scroller.scrollTop
    this.#more()
    return true
  }

  /** The first entry of each channel that the reader has not seen; none for who comes to the room for the first time. */
  #unread() {
    /** @type {Map<string, number>} */
    const found = new Map()
    for (const [id, ledger] of this.ledgers) {
      let seq = (channel(id)?.read_seq || (this.#newcomer ? Infinity : 0)) + 1
      while (ledger.find(seq)?.actor === facts().me) seq++
      if (seq <= ledger.last) found.set(id, seq)
    }
    return found
  }

  /** What is written here and on its way. @param {import("./outbox.js").Letter} letter */
  showLetter(letter, sent = false) {
    const there = this.#pending(letter.client_id)
    const ledger = this.ledgers.get(letter.channel)
    if (ledger?.entries.some((one) => one.client_id === letter.client_id && one.actor === facts().me)) return void there?.remove() // another tab has sent it
    if (!there && sent) return // its entry was quicker than the acknowledgement
    const row = drawLetter(letter, ledger?.find(letter.reply_to ?? 0), sent)
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
    const own = entries.some((entry) => entry.actor === facts().me)
    if (this.#stuck && !this.shown) [this.#stuck, this.#left] = [false, true] // nobody is looking
    const stick = this.#stuck || own
    this.window.take(entries, stick)
    if (stick) this.toNewest()
    else this.showUnread()
    if (entries.some((entry) => redraws(entry.kind))) this.window.redraw()
    this.empty.hidden = this.list.childElementCount > 0
  }

  /**
   * Whether what came before is wanted: somebody has scrolled up to it, or all that was read fits on the screen, where nobody
   * could. Not before the newest page of each channel has been read: until then the top of an empty list is in sight.
   */
  get #wantsOlder() {
    const { scrollHeight, scrollTop, clientHeight } = this.scroller
    if (!clientHeight || ![...this.ledgers.values()].every((ledger) => ledger.begun)) return false
    return scrollHeight - clientHeight <= NEAR || (!this.#stuck && scrollTop < AHEAD * clientHeight)
  }

  get #wantsNewer() {
    const { scrollHeight, scrollTop, clientHeight } = this.scroller
    return clientHeight > 0 && !this.window.live && scrollHeight - scrollTop - clientHeight < AHEAD * clientHeight
  }

  /** Draws on in the way the reader goes; reads on where what was read is at its end. */
  async #more() {
    if (this.#loading) return
    this.#loading = true
    const grown = (this.#wantsOlder && (await this.#older())) || (this.#wantsNewer && (await this.#later()))
    this.#loading = false
    this.showUnread()
    if (grown) requestAnimationFrame(() => this.#more())
  }

  /** Of two channels, the one that is read less far back holds the other one up. */
  async #older() {
    if (this.window.up()) return true
    const [latest] = [...this.ledgers.values()].filter((one) => !one.whole).sort((a, b) => (a.span[0] < b.span[0] ? 1 : -1))
    if (!latest || !(await latest.older())) return false
    this.window.up()
    return true
  }

  async #later() {
    if (this.window.down()) return true
    const [earliest] = [...this.ledgers.values()].filter((one) => !one.atEnd).sort((a, b) => (a.span[1] < b.span[1] ? -1 : 1))
    if (!earliest || !(await earliest.newer())) return false
    this.window.down()
    return true
  }

  showReads() {
    drawStates(this.list)
  }

  #scrolled() {
    if (this.panel.hidden) return
    const up = this.scroller.scrollTop < this.#top
    this.#top = this.scroller.scrollTop
    // Only a reader moves up; what grows below them, before they are taken along, is not their leaving.
    if (this.#isAtEnd() || up) this.#stuck = this.#isAtEnd()
    this.#more()
    this.showUnread()
  }

  showUnread() {
    const unread = this.unread
    this.newer.hidden = (unread === 0 || this.#isAtEnd()) && (this.window.live || !this.list.childElementCount)
    part(this.newer, "count").textContent = unread ? _("%(n)s new", { n: unread }) : _("To the newest")
  }
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
