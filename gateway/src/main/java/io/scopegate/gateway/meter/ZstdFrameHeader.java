package io.scopegate.gateway.meter;

/**
 * The beginning of a zstd frame, read byte by byte: what it will cost to decode it is known before
 * anything is allocated for it.
 *
 * @see <a href="https://datatracker.ietf.org/doc/html/rfc8878#section-3.1.1.1">RFC 8878, frame
 *     header</a>
 */
final class ZstdFrameHeader {
  static final int MOST_BYTES = 18;

  private static final int MAGIC_BYTES = 4;
  private static final int MAGIC = 0xfd2fb528;
  private static final int SKIPPABLE = 0x184d2a50;
  private static final int SKIPPABLE_BYTES = 8;
  private static final int[] DICTIONARY_BYTES = {0, 1, 2, 4};
  private static final int[] SIZE_BYTES = {0, 2, 4, 8};
  private static final int SINGLE_SEGMENT = 0x20;
  private static final int RESERVED = 0x08;

  private final byte[] bytes = new byte[MOST_BYTES];
  private int count;

  /** How far it is. */
  enum Progress {
    MORE,
    /** A frame with data begins. */
    FRAME,
    /** A frame to skip begins. */
    SKIPPABLE,
    WRONG
  }

  /** The bytes that have come. */
  byte[] bytes() {
    return bytes;
  }

  /** How many have come. */
  int count() {
    return count;
  }

  /** Makes ready for the next frame. */
  void clear() {
    count = 0;
  }

  /** The next byte. */
  Progress next(byte b) {
    bytes[count] = b;
    count++;
    if (count < MAGIC_BYTES) {
      return Progress.MORE;
    }
    int magic = (int) number(0, MAGIC_BYTES);
    if ((magic & ~0xf) == SKIPPABLE) {
      return count < SKIPPABLE_BYTES ? Progress.MORE : Progress.SKIPPABLE;
    }
    if (magic != MAGIC) {
      return Progress.WRONG;
    }
    if (count == MAGIC_BYTES) {
      return Progress.MORE;
    }
    if ((descriptor() & RESERVED) != 0) {
      return Progress.WRONG;
    }
    return count < length() ? Progress.MORE : Progress.FRAME;
  }

  private int descriptor() {
    return bytes[MAGIC_BYTES] & 0xff;
  }

  private boolean isSingleSegment() {
    return (descriptor() & SINGLE_SEGMENT) != 0;
  }

  private int dictionaryBytes() {
    return DICTIONARY_BYTES[descriptor() & 3];
  }

  private int sizeBytes() {
    int flag = descriptor() >> 6;
    return flag == 0 && isSingleSegment() ? 1 : SIZE_BYTES[flag];
  }

  private int afterWindow() {
    return MAGIC_BYTES + 1 + (isSingleSegment() ? 0 : 1);
  }

  private int length() {
    return afterWindow() + dictionaryBytes() + sizeBytes();
  }

  /** How much a frame to skip holds. */
  long skipped() {
    return number(MAGIC_BYTES, 4);
  }

  boolean hasDictionary() {
    return number(afterWindow(), dictionaryBytes()) != 0;
  }

  /** What it says that it decodes to; negative when it does not say. */
  long contentBytes() {
    int bytesOfSize = sizeBytes();
    if (bytesOfSize == 0) {
      return -1;
    }
    long size = number(afterWindow() + dictionaryBytes(), bytesOfSize);
    if (size < 0) {
      return Long.MAX_VALUE;
    }
    return bytesOfSize == 2 ? size + 256 : size;
  }

  /** How far back its references may reach. */
  long windowBytes() {
    if (isSingleSegment()) {
      return contentBytes();
    }
    int window = bytes[MAGIC_BYTES + 1] & 0xff;
    long base = 1L << (10 + (window >> 3));
    return base + base / 8 * (window & 7);
  }

  private long number(int from, int length) {
    long value = 0;
    for (int i = 0; i < length; i++) {
      value |= (bytes[from + i] & 0xffL) << (8 * i);
    }
    return value;
  }
}
