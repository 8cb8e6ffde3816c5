/** What of a stream stands on the page: a stretch of rows around the reader. Far rows are let go and drawn again, so that a page of ten thousand entries scrolls like one of fifty. */
/** @import { Entry } from "./types" */
/** @import { Ledger } from "./ledger.js" */
import { draw as drawBubble, recall } from "./bubbles.js"
import { draw as drawCard, redraws } from "./cards.js"
import { make } from "./page.js"
import { day, dayStart } from "./times.js"
import { _ } from "./words.js"

const STEP = 50
const MOST = 250
const END = "~"

export class Window {
  /** Entries from this time to that one are drawn; no two of a room have the same time. */
  #from = END
  #to = END
  /** @type {Map<string, HTMLElement | null>} by time; null where an entry has no row of its own */
  #rows = new Map()
  /** What stands between the rows: days, and where the new begins. @type {Map<string, HTMLElement>} */
  #lines = new Map()

  /** @param {HTMLElement} scroller @param {HTMLElement} list @param {Map<string, Ledger>} ledgers */
  constructor(scroller, list, ledgers) {
    this.scroller = scroller
    this.list = list
    this.ledgers = ledgers
    /** The first entry of each channel that the reader had not seen when they came. @type {Map<string, number>} */
    this.unread = new Map()
  }

  /** Whether the newest entry is drawn, and those that come will be. */
  get live() {
    return this.#to === END
  }

  /** The first row from a time on. @param {string} at */
  rowFrom(at) {
    return [...this.#rows].sort(([a], [b]) => (a < b ? -1 : 1)).find(([when, row]) => row && when >= at)?.[1] ?? null
  }

  /** The line above what is new. */
  get newsRow() {
    return this.#lines.get(this.news) ?? null
  }

  /** When the first of what is new was written; nothing as long as that has not been read. */
  get news() {
    const times = [...this.unread].map(([id, seq]) => this.ledgers.get(id)?.find(seq)?.at ?? "")
    return times.sort()[0]?.slice(0, -1) ?? ""
  }

  toEnd() {
    const live = this.live
    for (const ledger of this.ledgers.values()) ledger.toEnd()
    this.#to = END
    const all = this.#all
    if (!live || this.#from === END) this.#from = all.at(-STEP)?.at ?? all[0]?.at ?? END
    this.#fill(all)
  }

  /** Draws around a time. @param {string} at */
  around(at) {
    const all = this.#all
    const here = all.findIndex((entry) => entry.at >= at)
    const middle = here < 0 ? all.length - 1 : here
    this.#from = all[Math.max(0, middle - STEP)]?.at ?? END
    this.#end(all, middle + STEP)
    this.#fill(all)
    return all[middle]
  }

  /** Draws a step of what came before, as far as it has been read; false when there is none. */
  up() {
    const all = this.#all
    const first = all.findIndex((entry) => entry.at >= this.#from)
    if (first <= 0) return false
    const from = Math.max(0, first - STEP)
    this.#from = /** @type {Entry} */ (all[from]).at
    if (this.#count(all) > MOST) this.#end(all, from + MOST - 1)
    this.#fill(all)
    return true
  }

  /** Draws a step of what came next; false when there is none. */
  down() {
    if (this.live) return false
    const all = this.#all
    const next = all.findIndex((entry) => entry.at > this.#to)
    if (next < 0 && !this.#atEnd) return false
    const last = next < 0 ? all.length - 1 : Math.min(all.length - 1, next + STEP - 1)
    this.#end(all, last)
    if (this.#count(all) > MOST) this.#from = /** @type {Entry} */ (all[Math.max(0, last - MOST + 1)]).at
    this.#fill(all)
    return true
  }

  /** What has just come. @param {Entry[]} entries @param {boolean} follows whether the reader is at the end, so that the top may go */
  take(entries, follows) {
    if (!this.live) return
    if (this.#from === END) return this.toEnd()
    for (const entry of entries) this.#show(entry)
    if (follows && this.#rows.size > MOST + STEP) this.#trim()
    this.#separate()
  }

  /** Cards whose buttons depend on what came later. */
  redraw() {
    for (const ledger of this.ledgers.values()) {
      for (const entry of ledger.entries) {
        const there = redraws(entry.kind) && this.#rows.get(entry.at)
        const row = there && drawCard(entry, ledger.entries)
        if (!row) continue
        Object.assign(row.dataset, { at: entry.at, key: keyOf(entry) })
        there.replaceWith(row)
        this.#rows.set(entry.at, row)
      }
    }
  }

  /** The cards of an area have come: what had none is looked at again. */
  again() {
    for (const [at, row] of this.#rows) if (!row) this.#rows.delete(at)
    this.#fill(this.#all)
  }

  /** @param {Entry[]} all @param {number} last */
  #end(all, last) {
    this.#to = last >= all.length - 1 && this.#atEnd ? END : all[Math.min(last, all.length - 1)]?.at ?? END
  }

  get #atEnd() {
    return [...this.ledgers.values()].every((ledger) => ledger.atEnd)
  }

  /** @param {Entry[]} all */
  #count(all) {
    return all.filter((entry) => entry.at >= this.#from && entry.at <= this.#to).length
  }

  /** What may be drawn by now: with two channels, only between times from which to which both have been read. */
  get #all() {
    const ledgers = [...this.ledgers.values()]
    const from = ledgers.map((ledger) => ledger.span[0]).reduce((most, at) => (at > most ? at : most), "")
    const to = ledgers.map((ledger) => ledger.span[1]).reduce((least, at) => (at < least ? at : least), END)
    const all = ledgers.flatMap((ledger) => ledger.stretch.filter((entry) => entry.at >= from && entry.at <= to))
    return all.sort((a, b) => (a.at < b.at ? -1 : 1))
  }

  #trim() {
    const all = this.#all
    this.#from = all.at(-STEP)?.at ?? this.#from
    this.#fill(all)
  }

  /** Draws what is missing and lets go what is far; what the reader looks at stays where it is. @param {Entry[]} all */
  #fill(all) {
    const wanted = all.filter((entry) => entry.at >= this.#from && entry.at <= this.#to)
    const keep = new Set(wanted.map((entry) => entry.at))
    const anchor = [...this.list.children].find((row) => isKept(row, keep) && row.getBoundingClientRect().bottom > this.scroller.getBoundingClientRect().top)
    const before = anchor?.getBoundingClientRect().top ?? 0
    for (const [at, row] of this.#rows) if (!keep.has(at)) { row?.remove(); this.#rows.delete(at) }
    for (const entry of wanted) this.#show(entry)
    this.list.dataset.live = String(this.live)
    this.#separate()
    if (anchor) this.scroller.scrollTop += anchor.getBoundingClientRect().top - before
  }

  /** @param {Entry} entry */
  #show(entry) {
    if (this.#rows.has(entry.at)) return
    this.#rows.set(entry.at, null)
    if (entry.kind === "message_recalled") return recall(this.list, entry)
    const ledger = this.ledgers.get(entry.channel)
    if (entry.kind === "content_erased") this.#forget(entry, ledger)
    const row = entry.kind === "message_posted"
      ? drawBubble(entry, ledger?.find(entry.body?.reply_to ?? 0), ledger)
      : drawCard(entry, ledger?.entries ?? [])
    if (!row) return
    if (entry.client_id) this.list.querySelector(`[data-client="${CSS.escape(entry.client_id)}"]`)?.remove()
    Object.assign(row.dataset, { at: entry.at, key: keyOf(entry) })
    this.#rows.set(entry.at, row)
    this.#insert(row)
  }

  /** What an entry says to be erased goes from the page too. @param {Entry} by @param {Ledger | undefined} ledger */
  #forget(by, ledger) {
    const { rule, why, name, seqs } = by.body
    for (const seq of seqs ?? []) {
      const gone = ledger?.find(seq)
      if (!gone || gone.erased || !name || !rule || !why) continue
      Object.assign(gone, { body: {}, erased: { by: by.seq, at: by.at, rule, why, name } })
      if (!this.#rows.has(gone.at)) continue
      this.#rows.get(gone.at)?.remove()
      this.#rows.delete(gone.at)
      this.#show(gone)
    }
  }

  /** @param {HTMLElement} row */
  #insert(row) {
    const rows = this.list.children
    let low = 0
    let high = rows.length
    while (low < high) {
      const middle = (low + high) >> 1
      if (timeOf(rows[middle]) < timeOf(row)) low = middle + 1
      else high = middle
    }
    this.list.insertBefore(row, rows[low] ?? null)
  }

  /** Between two days their date, before what is new a line; a bubble that follows another of the same person needs no name again. */
  #separate() {
    const shown = [...this.#rows].flatMap(([at, row]) => (row ? [at] : [])).sort()
    const days = new Map(shown.map((at) => [dayStart(at), at]))
    const news = shown[0] && this.news >= shown[0].slice(0, -1) ? this.news : ""
    for (const [begins, row] of this.#lines) if (!days.has(begins) && begins !== news) { row.remove(); this.#lines.delete(begins) }
    for (const [begins, at] of days) this.#divide(begins, "stream__day", day(at))
    if (news) this.#divide(news, "stream__news", _("New messages"))
    for (const row of this.list.children) if (row instanceof HTMLElement) follow(row)
  }

  /** @param {string} at @param {string} kind @param {string} words */
  #divide(at, kind, words) {
    if (this.#lines.has(at)) return
    const row = make("li", kind, words)
    row.dataset.at = at
    this.#lines.set(at, row)
    this.#insert(row)
  }
}

/** @param {Entry} entry */
function keyOf(entry) {
  return `${entry.channel}:${entry.seq}`
}

/** What has no time yet is on its way, and stands at the end. @param {Element | undefined} row */
function timeOf(row) {
  return row instanceof HTMLElement ? row.dataset.at ?? END : END
}

/** @param {Element} row @param {Set<string>} keep */
function isKept(row, keep) {
  return row instanceof HTMLElement && keep.has(row.dataset.at ?? "")
}

/** @param {HTMLElement} row */
function follow(row) {
  const before = row.previousElementSibling
  const same = before instanceof HTMLElement && before.dataset.actor !== undefined && before.dataset.actor === row.dataset.actor
  row.classList.toggle("bubble--follows", same && row.classList.contains("bubble"))
}
