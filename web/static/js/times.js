/** Times, sizes and amounts as the reader writes them. */
import { language } from "./words.js"

const clockFormat = new Intl.DateTimeFormat(language, { hour: "2-digit", minute: "2-digit", hourCycle: "h23" })
const dayFormat = new Intl.DateTimeFormat(language, { weekday: "long", month: "long", day: "numeric" })
const longFormat = new Intl.DateTimeFormat(language, {
  weekday: "short", month: "long", day: "numeric", hour: "2-digit", minute: "2-digit", hourCycle: "h23",
})
const numberFormat = new Intl.NumberFormat(language, { maximumFractionDigits: 1 })

/** @param {string} at */
export function clock(at) {
  return clockFormat.format(new Date(at))
}

/** @param {string} at */
export function day(at) {
  return dayFormat.format(new Date(at))
}

/** @param {string} at */
export function dayAndClock(at) {
  return longFormat.format(new Date(at))
}

/** The moment the reader's day began, written so that it sorts before everything of that day. @param {string} at */
export function dayStart(at) {
  const then = new Date(at)
  then.setHours(0, 0, 0, 0)
  return then.toISOString().slice(0, 19)
}

/** @param {number} bytes */
export function size(bytes) {
  if (bytes < 1000) return `${bytes} B`
  if (bytes < 1_000_000) return `${numberFormat.format(bytes / 1000)} kB`
  return `${numberFormat.format(bytes / 1_000_000)} MB`
}

/** @param {number} value */
export function number(value) {
  return numberFormat.format(value)
}
