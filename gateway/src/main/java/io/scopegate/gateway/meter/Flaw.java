package io.scopegate.gateway.meter;

/** Why the rest of a body is not measured, and must not pass uncounted either. */
public enum Flaw {
  /**
   * It is not what its coding says. Another decoder may read it all the same, so it is not left to
   * the receiver.
   */
  MALFORMED,
  /**
   * It is sound, but measuring it would take too much memory: a zstd window of more than 8 MiB or a
   * dictionary, or a reference of snappy over more than 64 KiB, which no known encoder writes.
   */
  UNMEASURABLE,
  /**
   * Its messages of gRPC, of which each is within the bound, decode to far more than compressed
   * spans do: to measure them all would take too much time.
   */
  INFLATED
}
