package io.scopegate.gateway.http;

/**
 * Remembers the last few thousand streams that a client began, and how it ended them: HTTP/2 asks
 * for that long after a stream is gone. It is small as long as they are few.
 */
final class EndedStreams {
  /** How many are remembered; a power of two. */
  static final int REMEMBERED = 4096;

  private static final int FEW = 16;

  /** What a client may send on a stream before it hears that we reset it. */
  private static final int AHEAD = CodecSettings.CLIENT_STREAM_WINDOW + CodecSettings.WIDEN_BY;

  private static final long MOST_AHEAD = (long) REMEMBERED * AHEAD;

  private static final byte OPEN = 0;
  private static final byte ENDED = 1;
  private static final byte RESET = 2;

  /** Streams count 1, 3, 5: each has the slot of its number among them. */
  private int[] ids = new int[FEW];

  private byte[] states = new byte[FEW];

  /** What came on each; made with the first that is {@link #add added}. */
  private int[] bytes = {};

  /** What may still come on streams that are gone. */
  private long mayBeLate;

  private int slot(int id) {
    return (id >>> 1) & (ids.length - 1);
  }

  /** A stream begins. */
  void begin(int id) {
    int slot = slot(id);
    while (ids[slot] != 0 && ids.length < REMEMBERED) {
      grow();
      slot = slot(id);
    }
    ids[slot] = id;
    states[slot] = OPEN;
    if (bytes.length > 0) {
      bytes[slot] = 0;
    }
    mayBeLate = Math.min(mayBeLate + AHEAD, MOST_AHEAD);
  }

  private void grow() {
    int[] olderIds = ids;
    byte[] olderStates = states;
    int[] olderBytes = bytes;
    ids = new int[olderIds.length * 2];
    states = new byte[ids.length];
    bytes = olderBytes.length > 0 ? new int[ids.length] : olderBytes;
    for (int i = 0; i < olderIds.length; i++) {
      int slot = slot(olderIds[i]);
      if (ids[slot] < olderIds[i]) {
        ids[slot] = olderIds[i];
        states[slot] = olderStates[i];
        if (bytes.length > 0) {
          bytes[slot] = olderBytes[i];
        }
      }
    }
  }

  /**
   * So much of a body came on a stream that is remembered.
   *
   * @return how much had come before
   */
  int add(int id, int n) {
    if (bytes.length == 0) {
      bytes = new int[ids.length];
    }
    int slot = slot(id);
    int before = bytes[slot];
    bytes[slot] = before + n;
    return before;
  }

  /** Whether it is remembered. */
  boolean knows(int id) {
    return id != 0 && ids[slot(id)] == id;
  }

  /** Its client has sent its last frame. */
  void end(int id) {
    if (knows(id)) {
      states[slot(id)] |= ENDED;
    }
  }

  /** Its client has reset it. */
  void reset(int id) {
    if (knows(id)) {
      states[slot(id)] |= RESET;
    }
  }

  /** Whether its client has sent its last frame, as far as is remembered. */
  boolean isEnded(int id) {
    return knows(id) && (states[slot(id)] & ENDED) != 0;
  }

  /** Whether its client may still send on it: it has neither ended nor reset it. */
  boolean isOpen(int id) {
    return knows(id) && states[slot(id)] == OPEN;
  }

  /** Whether so much more may come on streams that are gone: more than was promised may not. */
  boolean mayBeLate(int bytes) {
    return bytes <= mayBeLate;
  }

  /** So much more has come. */
  void late(int bytes) {
    mayBeLate -= bytes;
  }

  /** Whether a stream was begun so shortly before another one that it would be remembered. */
  static boolean isRecent(int id, int last) {
    return id > last - 2 * REMEMBERED;
  }
}
