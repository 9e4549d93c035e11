package io.scopegate.gateway.meter;

import io.netty.buffer.ByteBuf;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * Finds what a query cost in an answer as JSON, in its last two kilobytes: Tempo writes {@code
 * metrics} after what was found. To look at every byte of an answer would cost more than to forward
 * it; to keep its end costs next to nothing.
 *
 * <p>What was found there is proven to be the outermost object's. A quote within a string is
 * escaped, so {@code "metrics"} after a comma, a brace or space is a name; and it is one of the
 * outermost object if from there on exactly one object ends, with the last byte. So no text of a
 * tenant's can pass for it.
 */
final class JsonTail extends MessageScanner {
  /** Metrics are a few hundred bytes; a message of Tempo's may follow them. */
  static final int KEPT_BYTES = 2_048;

  private static final byte[] NAME = "\"metrics\"".getBytes(StandardCharsets.US_ASCII);

  /** Names of that kind that are tried, from the last one. */
  private static final int MOST_TRIES = 8;

  private final QueryCost cost;
  private final byte[] ring = new byte[KEPT_BYTES];
  private long seen;

  JsonTail(QueryCost cost) {
    this.cost = cost;
  }

  @Override
  void read(ByteBuf source, int from, int to) {
    int kept = Math.min(to - from, KEPT_BYTES);
    seen += to - from;
    int at = (int) ((seen - kept) % KEPT_BYTES);
    int beforeTheWrap = Math.min(kept, KEPT_BYTES - at);
    source.getBytes(to - kept, ring, at, beforeTheWrap);
    source.getBytes(to - kept + beforeTheWrap, ring, 0, kept - beforeTheWrap);
  }

  @Override
  void finish() {
    byte[] tail = tail();
    seen = 0;
    int tries = 0;
    for (int i = tail.length - NAME.length; i > 0 && tries < MOST_TRIES; i--) {
      if (isName(tail, i)) {
        tries++;
        QueryCost said = new JsonMetrics(tail, i).read();
        if (said.isKnown()) {
          cost.add(said);
          return;
        }
      }
    }
  }

  /** What was kept, in its order. */
  private byte[] tail() {
    if (seen <= KEPT_BYTES) {
      return Arrays.copyOf(ring, (int) seen);
    }
    int begin = (int) (seen % KEPT_BYTES);
    byte[] tail = new byte[KEPT_BYTES];
    System.arraycopy(ring, begin, tail, 0, KEPT_BYTES - begin);
    System.arraycopy(ring, 0, tail, KEPT_BYTES - begin, begin);
    return tail;
  }

  private static boolean isName(byte[] tail, int at) {
    byte before = tail[at - 1];
    return (before == ',' || before == '{' || JsonMetrics.isSpace(before))
        && Arrays.equals(tail, at, at + NAME.length, NAME, 0, NAME.length);
  }
}
