/** How loud a track is, from 0 to 1, as often as the screen is drawn. */

/**
 * @param {MediaStreamTrack} track @param {(level: number) => void} show
 * @returns {() => void} stops it
 */
export function measure(track, show) {
  const context = new AudioContext()
  const analyser = context.createAnalyser()
  analyser.fftSize = 1024
  const source = context.createMediaStreamSource(new MediaStream([track]))
  source.connect(analyser)
  const samples = new Float32Array(analyser.fftSize)
  let running = true
  const look = () => {
    if (!running) return
    analyser.getFloatTimeDomainData(samples)
    const power = samples.reduce((sum, one) => sum + one * one, 0) / samples.length
    // Speech lies between -50 and -10 dB; the meter shows that span.
    show(Math.max(0, Math.min(1, (10 * Math.log10(power + 1e-10) + 55) / 45)))
    requestAnimationFrame(look)
  }
  context.resume().catch(() => undefined)
  look()
  return () => {
    running = false
    source.disconnect()
    context.close().catch(() => undefined)
  }
}
