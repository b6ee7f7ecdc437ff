const DAYS = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'];
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

const two = (value: number): string => (value < 10 ? `0${value}` : String(value));

/** A date-time of RFC 5322 §3.3, in UTC: `Sun, 22 Nov 2026 20:12:00 +0000`. @param at milliseconds since the epoch */
export function formatDate(at: number): string {
  const date = new Date(at);
  const day = `${DAYS[date.getUTCDay()]}, ${date.getUTCDate()} ${MONTHS[date.getUTCMonth()]} ${date.getUTCFullYear()}`;
  return `${day} ${two(date.getUTCHours())}:${two(date.getUTCMinutes())}:${two(date.getUTCSeconds())} +0000`;
}

/** formatDate that remembers the last second, since a busy relay writes the same one thousands of times. */
export class DateStamp {
  #second = Number.NaN;
  #text = '';

  format(at: number): string {
    const second = Math.floor(at / 1000);
    if (second !== this.#second) {
      this.#text = formatDate(second * 1000);
      this.#second = second;
    }
    return this.#text;
  }
}
