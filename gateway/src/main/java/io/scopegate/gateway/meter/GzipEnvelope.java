package io.scopegate.gateway.meter;

/**
 * Header and trailer of a gzip member, as <a
 * href="https://datatracker.ietf.org/doc/html/rfc1952#section-2.3">RFC 1952</a> has them; any
 * number of members may follow each other. Names and comments are skipped however long they are.
 */
final class GzipEnvelope implements Envelope {
  private static final int FIXED_BYTES = 10;
  private static final int TRAILER_BYTES = 8;
  private static final int HEADER_CHECKSUM = 2;
  private static final int EXTRA = 4;
  private static final int NAME = 8;
  private static final int COMMENT = 16;

  private int position;
  private int flags;
  private int pending;
  private int skip;

  @Override
  public Progress header(byte next) {
    int value = next & 0xff;
    if (position < FIXED_BYTES) {
      return fixed(value);
    }
    optional(value);
    return pending == 0 ? done() : Progress.MORE;
  }

  private Progress fixed(int value) {
    boolean right =
        switch (position) {
          case 0 -> value == 0x1f;
          case 1 -> value == 0x8b;
          case 2 -> value == 8;
          default -> true;
        };
    if (position == 3) {
      flags = value;
    }
    position++;
    if (!right) {
      return Progress.WRONG;
    }
    if (position < FIXED_BYTES) {
      return Progress.MORE;
    }
    pending = flags & (EXTRA | NAME | COMMENT | HEADER_CHECKSUM);
    return pending == 0 ? done() : Progress.MORE;
  }

  /** In the order of the header: extra field, name, comment, checksum. */
  private void optional(int value) {
    if ((pending & EXTRA) != 0) {
      extra(value);
    } else if ((pending & NAME) != 0) {
      text(value, NAME);
    } else if ((pending & COMMENT) != 0) {
      text(value, COMMENT);
    } else {
      position++;
      if (position == FIXED_BYTES + 2) {
        pending = 0;
      }
    }
  }

  private void extra(int value) {
    if (position == FIXED_BYTES) {
      skip = value;
      position++;
      return;
    }
    if (position == FIXED_BYTES + 1) {
      skip |= value << 8;
      position++;
    } else {
      skip--;
    }
    if (skip == 0) {
      pending &= ~EXTRA;
      position = FIXED_BYTES;
    }
  }

  private void text(int value, int flag) {
    if (value == 0) {
      pending &= ~flag;
    }
  }

  private Progress done() {
    position = 0;
    return Progress.DONE;
  }

  @Override
  public int trailer() {
    return TRAILER_BYTES;
  }

  @Override
  public boolean mayFollow() {
    return true;
  }
}
