package io.scopegate.e2e.wire;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * Frames of HTTP/2 as <a href="https://datatracker.ietf.org/doc/html/rfc9113#section-6">RFC 9113,
 * 6</a> lays them out.
 */
public final class Frames {
  /** Frame types. */
  public static final int DATA = 0;

  public static final int HEADERS = 1;
  public static final int PRIORITY = 2;
  public static final int RST_STREAM = 3;
  public static final int SETTINGS = 4;
  public static final int PING = 6;
  public static final int GOAWAY = 7;
  public static final int WINDOW_UPDATE = 8;
  public static final int CONTINUATION = 9;

  /** Settings. */
  public static final int HEADER_TABLE_SIZE = 1;

  public static final int INITIAL_WINDOW_SIZE = 4;
  public static final int MAX_HEADER_LIST_SIZE = 6;

  /** Flags. */
  public static final int END_STREAM = 1;

  public static final int ACK = 1;
  public static final int END_HEADERS = 4;

  /** What ends a stream on purpose. */
  public static final int CANCEL = 8;

  /** The largest window and the largest table. */
  public static final int MOST = Integer.MAX_VALUE;

  /** The largest payload without asking. */
  static final int LARGEST = 16_384;

  static final int HEAD = 9;
  private static final byte[] PREFACE =
      "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".getBytes(StandardCharsets.US_ASCII);

  private Frames() {}

  /** Any frame. */
  public static byte[] frame(int type, int flags, int stream, byte... payload) {
    return ByteBuffer.allocate(HEAD + payload.length)
        .putInt(payload.length << 8 | type)
        .put((byte) flags)
        .putInt(stream)
        .put(payload)
        .array();
  }

  /** How a client begins: the preface and its settings, as ids and values in turn. */
  public static byte[] opening(int... settings) {
    return join(PREFACE, frame(SETTINGS, 0, 0, settings(settings)));
  }

  /** The payload of SETTINGS, as ids and values in turn. */
  public static byte[] settings(int... settings) {
    ByteBuffer payload = ByteBuffer.allocate(settings.length / 2 * 6);
    for (int i = 0; i < settings.length; i += 2) {
      payload.putShort((short) settings[i]).putInt(settings[i + 1]);
    }
    return payload.array();
  }

  /** A whole head that also ends the stream, with CONTINUATION where it needs one. */
  public static byte[] request(int stream, Hpack block) {
    return head(stream, END_STREAM, block.bytes(), END_HEADERS);
  }

  /** A whole head that a body follows. */
  public static byte[] begin(int stream, Hpack block) {
    return head(stream, 0, block.bytes(), END_HEADERS);
  }

  /** A head that never ends. */
  public static byte[] unended(int stream, Hpack block) {
    return head(stream, END_STREAM, block.bytes(), 0);
  }

  private static byte[] head(int stream, int flags, byte[] block, int end) {
    int first = Math.min(block.length, LARGEST);
    byte[] out =
        frame(
            HEADERS,
            flags | (first == block.length ? end : 0),
            stream,
            Arrays.copyOf(block, first));
    for (int from = first; from < block.length; from += LARGEST) {
      int to = Math.min(block.length, from + LARGEST);
      int last = to == block.length ? end : 0;
      out = join(out, frame(CONTINUATION, last, stream, Arrays.copyOfRange(block, from, to)));
    }
    return out;
  }

  /** A piece of a body. */
  public static byte[] data(int stream, boolean end, byte... payload) {
    return frame(DATA, end ? END_STREAM : 0, stream, payload);
  }

  /** The end of a stream. */
  public static byte[] reset(int stream) {
    return frame(RST_STREAM, 0, stream, number(CANCEL));
  }

  /** More window. */
  public static byte[] window(int stream, int increment) {
    return frame(WINDOW_UPDATE, 0, stream, number(increment));
  }

  private static byte[] number(int value) {
    return ByteBuffer.allocate(Integer.BYTES).putInt(value).array();
  }

  /** One after another. */
  public static byte[] join(byte[]... parts) {
    ByteBuffer all = ByteBuffer.allocate(Arrays.stream(parts).mapToInt(part -> part.length).sum());
    for (byte[] part : parts) {
      all.put(part);
    }
    return all.array();
  }
}
