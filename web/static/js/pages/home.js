/** Home: whoever comes back to it finds what is new by now. */

const AWAY = 5000
let left = 0

document.addEventListener("visibilitychange", () => {
  if (document.visibilityState === "hidden") left = performance.now()
  else if (left && performance.now() - left > AWAY) again()
})
addEventListener("pageshow", (event) => event.persisted && again())

/** Nothing that somebody has begun to type is lost for it. */
function again() {
  const words = document.querySelector("input[name='q']")
  if (words instanceof HTMLInputElement && words.value) return
  location.reload()
}
