package io.scopegate.gateway.otlp;

import java.util.concurrent.atomic.LongAdder;

/** What became of the records of a signal; for any thread. */
public final class OtlpCounts {
  /** What became of a record. */
  public enum Result {
    /** The receiver has it. */
    EXPORTED,
    /** There was no room for it, because the receiver did not keep up or was not there. */
    DROPPED,
    /** The receiver refused it. */
    REJECTED
  }

  private final LongAdder exported = new LongAdder();
  private final LongAdder dropped = new LongAdder();
  private final LongAdder rejected = new LongAdder();

  void add(Result result, long count) {
    adder(result).add(count);
  }

  /** How many there were. */
  public long of(Result result) {
    return adder(result).sum();
  }

  private LongAdder adder(Result result) {
    return switch (result) {
      case EXPORTED -> exported;
      case DROPPED -> dropped;
      case REJECTED -> rejected;
    };
  }
}
