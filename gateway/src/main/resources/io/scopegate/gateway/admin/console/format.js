// Numbers and times for people.

/** A rate or a count: three digits at most. */
export function number(value) {
  if (value >= 1e9) return `${three(value / 1e9)} G`;
  if (value >= 1e6) return `${three(value / 1e6)} M`;
  if (value >= 1e4) return `${three(value / 1e3)} k`;
  return three(value);
}

export function bytes(value) {
  let shown = value;
  for (const unit of ["B", "kB", "MB"]) {
    if (shown < 1000) return `${three(shown)} ${unit}`;
    shown /= 1000;
  }
  return `${three(shown)} GB`;
}

function three(value) {
  if (value >= 100 || Number.isInteger(value)) return String(Math.round(value));
  return value >= 10 ? value.toFixed(1) : value.toFixed(2);
}

export function percent(ratio) {
  const shown = ratio * 100;
  return `${shown > 0 && shown < 1 ? "<1" : Math.round(shown)} %`;
}

export function count(value) {
  return value.toLocaleString("en");
}

export function clock(iso) {
  return new Date(iso).toLocaleTimeString("en-GB");
}

export function moment(iso) {
  const at = new Date(iso);
  return `${at.toLocaleDateString("en-CA")} ${at.toLocaleTimeString("en-GB")}`;
}

/** How far away a time is, in words; days count from a day on. */
export function until(iso) {
  const seconds = (new Date(iso) - Date.now()) / 1000;
  const away = span(Math.abs(seconds));
  return seconds < 0 ? `expired ${away} ago` : `in ${away}`;
}

function span(seconds) {
  for (const [unit, size] of [["day", 86400], ["hour", 3600], ["minute", 60]]) {
    if (seconds >= size) {
      const many = Math.floor(seconds / size);
      return `${many} ${unit}${many === 1 ? "" : "s"}`;
    }
  }
  return `${Math.floor(seconds)} s`;
}
