/** Search in the room, and the way to a day: over the whole screen on a phone, over the talk on a desk. */
import { currentStream, jumpTo, places } from "../channels.js"
import { ask, hear, Refusal } from "../connection.js"
import { everybody, facts, nameOf } from "../facts.js"
import { say } from "../notices.js"
import { icon, make, part } from "../page.js"
import { dateStart, dayAndClock, nextDate } from "../times.js"
import { _ } from "../words.js"

/** @typedef {{ channel: string, seq: number, kind: string, actor: string | null, at: string, words: string, marks: [number, number][], page: number | null, file: string | null }} Hit */

/** On a phone the sheet lies over everything. It goes when a place was chosen that it would hide. */
const narrow = matchMedia("(max-width: 40rem)")
/** @type {HTMLDialogElement} */
let sheet
/** Which question was the last: a late answer to an earlier one is not shown. */
let asked = 0
let further = ""

/** The first time; from then on the sheet is there. @param {HTMLElement} root */
function start(root) {
  sheet = /** @type {HTMLDialogElement} */ (part(root, "search"))
  part(sheet, "close").addEventListener("click", () => sheet.close())
  part(sheet, "form").addEventListener("submit", (event) => { event.preventDefault(); search() })
  part(sheet, "further").addEventListener("click", () => search(further))
  part(sheet, "leap").addEventListener("submit", (event) => { event.preventDefault(); leap() })
  part(sheet, "hits").addEventListener("keydown", step)
  sheet.addEventListener("keydown", (event) => event.key === "Escape" && sheet.close())
  sheet.addEventListener("close", () => part(root, "open-search").focus())
  hear("people", showPeople)
}

/** @param {HTMLElement} root */
export function open(root) {
  if (!sheet) start(root)
  if (sheet.open) return field("words").focus()
  showPeople()
  if (narrow.matches) sheet.showModal()
  else sheet.show()
  field("words").focus()
  field("words").select()
}

/** @param {string} name */
function field(name) {
  return /** @type {HTMLInputElement} */ (part(sheet, name))
}

function showPeople() {
  const who = /** @type {HTMLSelectElement} */ (part(sheet, "who"))
  const chosen = who.value
  who.replaceChildren(new Option(_("Everybody"), ""), ...everybody().map((one) => new Option(one.name, one.id)))
  who.value = chosen
}

/** @param {string} [before] where the last answer ended */
async function search(before = "") {
  const query = field("words").value.trim()
  const turn = ++asked
  if (!before) part(sheet, "hits").replaceChildren()
  if (!query) return tell("", "")
  tell(_("Searching…"), "")
  const since = field("since").value && dateStart(field("since").value)
  const until = field("until").value && dateStart(nextDate(field("until").value))
  const narrowed = { ...(before && { before }), ...(since && { since }), ...(until && { until }), ...(field("who").value && { by: field("who").value }) }
  try {
    const found = await ask("search", { room: facts().room, query, files: field("files").checked, ...narrowed })
    if (turn === asked) show(found.hits, found.further)
  } catch (refusal) {
    if (!(refusal instanceof Refusal)) throw refusal
    if (turn === asked) tell(refusal.message, before)
  }
}

/** @param {Hit[]} hits @param {string | null} more */
function show(hits, more) {
  const list = part(sheet, "hits")
  const first = list.childElementCount
  list.append(...hits.map(row))
  const count = list.childElementCount
  const words = count ? _("Places found: %(n)s", { n: count }) : more ? _("Nothing found so far") : _("Nothing found. Try a shorter word, or another one.")
  tell(words, more ?? "")
  const next = list.children[first]?.querySelector("button")
  if (first) next?.focus()
}

/** @param {string} words @param {string} more */
function tell(words, more) {
  part(sheet, "says").textContent = words
  further = more
  part(sheet, "further").hidden = !more
}

/** @param {Hit} hit */
function row(hit) {
  const made = make("li")
  const way = make("button", "search__hit")
  way.type = "button"
  const place = places().find((one) => one.channels.includes(hit.channel))?.name ?? ""
  const text = make("span", "search__words")
  text.dir = "auto"
  let from = 0
  for (const [begin, end] of hit.marks) {
    text.append(hit.words.slice(from, begin), make("mark", "", hit.words.slice(begin, end)))
    from = end
  }
  text.append(hit.words.slice(from))
  way.append(make("span", "search__who", [nameOf(hit.actor), dayAndClock(hit.at), place].filter(Boolean).join(" · ")), text)
  way.addEventListener("click", () => go(() => jumpTo(hit.channel, hit.seq)))
  made.append(way)
  if (hit.page) made.append(page(hit.file ?? "", hit.page))
  return made
}

/** The way into a file, at the page where the words are. @param {string} file @param {number} number */
function page(file, number) {
  const way = make("a", "search__page")
  way.append(icon("document"), _("Open page %(n)s", { n: number }))
  way.href = `/files/${file}#page=${number}`
  way.target = "_blank"
  return way
}

/** @param {() => Promise<boolean | undefined>} lead */
async function go(lead) {
  if (narrow.matches || sheet.offsetWidth * 1.5 > (sheet.parentElement?.offsetWidth ?? 0)) sheet.close()
  if (!(await lead())) say(_("This place cannot be reached at the moment."))
}

function leap() {
  const date = field("day").value
  if (date) go(async () => currentStream()?.jumpToTime(dateStart(date)))
}

/** Arrow keys walk through what was found. @param {KeyboardEvent} event */
function step(event) {
  const way = { ArrowDown: 1, ArrowUp: -1 }[event.key]
  if (!way) return
  event.preventDefault()
  const all = [...part(sheet, "hits").querySelectorAll("button")]
  const here = all.findIndex((one) => one === document.activeElement)
  if (here + way < 0) return field("words").focus()
  all[Math.min(all.length - 1, here + way)]?.focus()
}
