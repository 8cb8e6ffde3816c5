/** The rows of an agreement's terms: adding and taking out without asking the server, which can do it too. */

const list = /** @type {HTMLElement | null} */ (document.querySelector("[data-part=rows]"))

/** @param {HTMLElement} rows */
function number(rows) {
  const all = rows.querySelectorAll("[data-part=row]")
  all.forEach((row, index) => {
    const n = String(index + 1)
    for (const place of row.querySelectorAll("legend, [data-rows=remove]")) {
      for (const node of place.childNodes) {
        if (node.nodeType === Node.TEXT_NODE) node.textContent = (node.textContent ?? "").replace(/\d+/, n)
      }
    }
    row.querySelector("fieldset")?.setAttribute("id", `row-${n}`)
    row.querySelector("[data-rows=remove]")?.setAttribute("value", `remove-${n}`)
  })
}

/** @param {HTMLElement} rows */
function add(rows) {
  const last = rows.lastElementChild
  if (!last) return false
  const row = /** @type {HTMLElement} */ (last.cloneNode(true))
  for (const input of row.querySelectorAll("input")) input.value = ""
  const chosen = last.querySelectorAll("select")
  row.querySelectorAll("select").forEach((select, index) => (select.value = chosen[index].value))
  row.querySelector(".field__wrong")?.remove()
  rows.append(row)
  number(rows)
  row.querySelector("select")?.focus()
  return true
}

/** @param {HTMLElement} rows @param {Element} row */
function remove(rows, row) {
  if (rows.childElementCount < 2) return false
  row.remove()
  number(rows)
  return true
}

document.addEventListener("click", (event) => {
  const button = event.target instanceof Element ? event.target.closest("[data-rows]") : null
  if (!button || !list) return
  const row = button.closest("[data-part=row]")
  const done = button.getAttribute("data-rows") === "add" ? add(list) : row && remove(list, row)
  if (done) event.preventDefault()
})
