package io.scopegate.gateway.answer;

import io.scopegate.gateway.json.JsonBytes;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * A <a href="https://github.com/googleapis/googleapis/blob/master/google/rpc/status.proto">{@code
 * google.rpc.Status}</a>, with a {@code RetryInfo} when there is a delay, as protobuf and as JSON.
 * Written by hand: four small messages do not make generated code worth its start-up time.
 *
 * @param code the gRPC status
 * @param message the text
 * @param retryMillis how long to wait before trying again; 0 for no {@code RetryInfo}
 */
record RpcStatus(int code, String message, long retryMillis) {
  private static final String RETRY_INFO = "type.googleapis.com/google.rpc.RetryInfo";
  private static final byte[] RETRY_INFO_TYPE = Ascii.bytes(RETRY_INFO);
  private static final int LENGTH_DELIMITED = 2;

  /** Everything but the text: the type, and small fields with their lengths. */
  private static final int MOST_AROUND = RETRY_INFO_TYPE.length + 64;

  /** The message in protobuf; one array, written from its end, where lengths are known. */
  byte[] toProtobuf() {
    byte[] text = message.getBytes(StandardCharsets.UTF_8);
    Backwards out = new Backwards(text.length + MOST_AROUND);
    if (retryMillis > 0) {
      retryInfo(out);
    }
    int end = out.start();
    out.bytes(text).lengthDelimited(2, end);
    return out.varint(1, code).toByteArray();
  }

  private void retryInfo(Backwards out) {
    int end = out.start();
    out.varint(2, retryMillis % 1000 * 1_000_000).varint(1, retryMillis / 1000);
    out.lengthDelimited(1, end); // the duration in RetryInfo
    out.lengthDelimited(2, end); // RetryInfo in Any
    int type = out.start();
    out.bytes(RETRY_INFO_TYPE).lengthDelimited(1, type);
    out.lengthDelimited(3, end); // Any in Status
  }

  /** The message in protobuf's JSON. */
  byte[] toJson() {
    JsonBytes json = new JsonBytes(256);
    json.raw(Ascii.bytes("{\"code\":")).number(code);
    json.raw(Ascii.bytes(",\"message\":")).string(message, message.length());
    if (retryMillis > 0) {
      json.raw(Ascii.bytes(",\"details\":[{\"@type\":\"" + RETRY_INFO + "\",\"retryDelay\":\""));
      json.number(retryMillis / 1000).raw('.').digits((int) (retryMillis % 1000), 3);
      json.raw(Ascii.bytes("s\"}]"));
    }
    return json.raw('}').toByteArray();
  }

  /** Fields of a message, the last one first. */
  private static final class Backwards {
    private final byte[] bytes;
    private int start;

    Backwards(int mostBytes) {
      bytes = new byte[mostBytes];
      start = mostBytes;
    }

    /** Where what was written last begins. */
    int start() {
      return start;
    }

    Backwards bytes(byte[] value) {
      start -= value.length;
      System.arraycopy(value, 0, bytes, start, value.length);
      return this;
    }

    /** A field with a number; none when it is 0. */
    Backwards varint(int number, long value) {
      if (value != 0) {
        varint(value);
        varint(number << 3);
      }
      return this;
    }

    /** Makes a field of everything from the start to this end. */
    void lengthDelimited(int number, int end) {
      varint(end - start);
      varint(number << 3 | LENGTH_DELIMITED);
    }

    private void varint(long value) {
      int size = 1;
      for (long rest = value; rest > 0x7f; rest >>>= 7) {
        size++;
      }
      start -= size;
      long rest = value;
      for (int i = 0; i < size; i++) {
        bytes[start + i] = (byte) (i < size - 1 ? rest & 0x7f | 0x80 : rest);
        rest >>>= 7;
      }
    }

    byte[] toByteArray() {
      return Arrays.copyOfRange(bytes, start, bytes.length);
    }
  }
}
