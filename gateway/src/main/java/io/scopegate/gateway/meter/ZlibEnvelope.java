package io.scopegate.gateway.meter;

/**
 * Two bytes before the data and a checksum after it, as <a
 * href="https://datatracker.ietf.org/doc/html/rfc1950#section-2.2">RFC 1950</a> has it. Preset
 * dictionaries are not supported.
 */
final class ZlibEnvelope implements Envelope {
  private static final int DEFLATE = 8;
  private static final int LARGEST_WINDOW = 7;
  private static final int DICTIONARY = 0x20;
  private static final int CHECKSUM_BYTES = 4;

  private int first = -1;

  @Override
  public Progress header(byte next) {
    if (first < 0) {
      first = next & 0xff;
      boolean known = (first & 0xf) == DEFLATE && first >> 4 <= LARGEST_WINDOW;
      return known ? Progress.MORE : Progress.WRONG;
    }
    boolean right = (first << 8 | (next & 0xff)) % 31 == 0 && (next & DICTIONARY) == 0;
    return right ? Progress.DONE : Progress.WRONG;
  }

  @Override
  public int trailer() {
    return CHECKSUM_BYTES;
  }

  @Override
  public boolean mayFollow() {
    return false;
  }
}
