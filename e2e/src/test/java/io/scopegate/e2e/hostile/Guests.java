package io.scopegate.e2e.hostile;

import io.scopegate.e2e.Paced;
import io.scopegate.e2e.Rpc;
import java.time.Duration;
import java.util.List;

/**
 * Honest clients at a steady, modest rate: a collector by both protocols, a reader of streams, a
 * reader of plain answers, and people who come for the first time.
 */
final class Guests implements AutoCloseable {
  private static final Duration OFTEN = Duration.ofMillis(50);
  private static final Duration SELDOM = Duration.ofMillis(250);

  private final Rpc rpc;
  private final Collector collector;
  private final Readers readers;
  private final Paced paced = new Paced();
  private volatile Watch watch = new Watch();

  private Guests(Target target) {
    rpc = new Rpc(target.around().ca());
    collector = new Collector(target, rpc);
    readers = new Readers(target, rpc);
  }

  /** Begins, and returns once each of them has been served. */
  static Guests of(Target target) {
    Guests guests = new Guests(target);
    guests.begin();
    return guests;
  }

  private void begin() {
    paced
        .each(OFTEN, () -> goesOn("export over gRPC", collector::exportByGrpc))
        .each(OFTEN, () -> goesOn("export over HTTP", collector::exportByHttp))
        .each(OFTEN, () -> goesOn("streamed search", () -> timed(readers::stream)))
        .each(OFTEN, () -> goesOn("search", () -> timed(readers::search)))
        .each(OFTEN, () -> goesOn("search past the gateway", this::readDirectly))
        .each(SELDOM, () -> goesOn("first search with a new token", readers::comeAsNew));
  }

  private void timed(Deed deed) throws Exception {
    long since = System.nanoTime();
    deed.run();
    watch.read(since);
  }

  private void readDirectly() throws Exception {
    long since = System.nanoTime();
    readers.searchDirectly();
    watch.readDirectly(since);
  }

  private boolean goesOn(String what, Deed deed) {
    try {
      deed.run();
    } catch (Exception | AssertionError e) {
      watch.failed(what + ": " + e);
    }
    return true;
  }

  /** Looks at what happens from now on. */
  Watch watch() {
    watch = new Watch();
    return watch;
  }

  /** The spans that were to be stored and are not: none when nothing is lost. */
  List<Long> lost() {
    return collector.lost();
  }

  @Override
  public void close() {
    collector.giveUp();
    try {
      paced.close();
    } finally {
      readers.close();
      collector.close();
      rpc.close();
    }
  }

  /** One thing that a client does. */
  interface Deed {
    void run() throws Exception;
  }
}
