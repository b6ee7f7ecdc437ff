/**
 * How many different things were seen, in a fixed 2 kB: HyperLogLog (Flajolet, Fusy, Gandouet, Meunier 2007). Seeing
 * one twice changes nothing, so that exports which overlap do not count twice. Error: about 2.3 %; small numbers, by
 * linear counting, less.
 */
export class Sketch {
  static readonly #BITS = 11;
  static readonly LENGTH = 1 << Sketch.#BITS;
  readonly registers: Uint8Array;

  constructor(registers: Uint8Array = new Uint8Array(Sketch.LENGTH)) {
    if (registers.length !== Sketch.LENGTH) throw new RangeError('a sketch has 2048 registers');
    this.registers = registers;
  }

  /** @param hash 53 bits, evenly spread */
  add(hash: number): void {
    this.addHalves(hash | 0, hash / 0x1_0000_0000);
  }

  /** @param low the lower 32 bits of a hash. @param high the others */
  addHalves(low: number, high: number): void {
    const index = high & (Sketch.LENGTH - 1);
    const rank = Math.clz32(low) + 1;
    if (rank > this.registers[index]!) this.registers[index] = rank;
  }

  get count(): number {
    const m = Sketch.LENGTH;
    let sum = 0;
    let zeros = 0;
    for (const register of this.registers) {
      sum += 2 ** -register;
      if (register === 0) zeros++;
    }
    const estimate = ((0.7213 / (1 + 1.079 / m)) * m * m) / sum;
    return Math.round(estimate <= 2.5 * m && zeros > 0 ? m * Math.log(m / zeros) : estimate);
  }

  merge({ registers }: Sketch): void {
    for (let index = 0; index < registers.length; index++) {
      if (registers[index]! > this.registers[index]!) this.registers[index] = registers[index]!;
    }
  }
}
