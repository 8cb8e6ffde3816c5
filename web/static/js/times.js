/** Times, sizes and amounts as the reader writes them. */
import { language } from "./words.js"

/** The reader's own zone, as they chose it; else the device's. */
const timeZone = document.querySelector("[data-zone]")?.getAttribute("data-zone") || undefined
const clockFormat = new Intl.DateTimeFormat(language, { timeZone, hour: "2-digit", minute: "2-digit", hourCycle: "h23" })
const dayFormat = new Intl.DateTimeFormat(language, { timeZone, weekday: "long", month: "long", day: "numeric" })
const longFormat = new Intl.DateTimeFormat(language, {
  timeZone, weekday: "short", month: "long", day: "numeric", hour: "2-digit", minute: "2-digit", hourCycle: "h23",
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

/** A length, as a player shows it: 0:07, 12:30. @param {number} ms */
export function seconds(ms) {
  const whole = Math.max(0, Math.round(ms / 1000))
  return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, "0")}`
}

const dialFormat = new Intl.DateTimeFormat("en", { timeZone, hour: "numeric", minute: "numeric", second: "numeric", hourCycle: "h23" })

/** The moment the reader's day began, written so that it sorts before everything of that day. @param {string} at */
export function dayStart(at) {
  const [hours = 0, minutes = 0, seconds = 0] = dialFormat.format(new Date(at)).split(":").map(Number)
  const second = Math.floor(Date.parse(at) / 1000) - (hours * 3600 + minutes * 60 + seconds)
  return new Date(second * 1000).toISOString().slice(0, 19)
}

const dateFormat = new Intl.DateTimeFormat("en-CA", { timeZone, year: "numeric", month: "2-digit", day: "2-digit" })

/** When a day of the calendar begins for the reader. @param {string} date as 2026-11-22 */
export function dateStart(date) {
  const noon = `${date}T12:00:00Z`
  // Noon in Greenwich is still the same day almost everywhere; far in the east it is the next one already.
  const same = dateFormat.format(new Date(noon)) === date
  return dayStart(same ? noon : `${date}T00:00:00Z`)
}

/** @param {string} date as 2026-11-22 */
export function nextDate(date) {
  return new Date(Date.parse(`${date}T00:00:00Z`) + 86_400_000).toISOString().slice(0, 10)
}

/** @param {number} bytes */
export function size(bytes) {
  if (bytes < 1000) return `${bytes} B`
  if (bytes < 1_000_000) return `${numberFormat.format(bytes / 1000)} kB`
  return `${numberFormat.format(bytes / 1_000_000)} MB`
}

/** An amount in the smallest unit of its currency. @param {number} minor @param {string} currency */
export function money(minor, currency) {
  const form = new Intl.NumberFormat(language, { style: "currency", currency })
  return form.format(minor / 10 ** (form.resolvedOptions().maximumFractionDigits ?? 2))
}

/** A date without a zone is the same everywhere. @param {string} date */
export function plainDay(date) {
  return new Intl.DateTimeFormat(language, { timeZone: "UTC", year: "numeric", month: "long", day: "numeric" }).format(new Date(date))
}

/** @param {number} value */
export function number(value) {
  return numberFormat.format(value)
}
