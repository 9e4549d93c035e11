import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Random;

/**
 * Writes one gRPC message to standard output: an export of OTLP spans of about the given size, as a
 * collector's batch of one service has them: ids, kind, times, four attributes and a status. Run from
 * its source: {@code java loadtest/Body.java BYTES}.
 */
public final class Body {
  private static final long START = 1_700_000_000_000_000_000L;

  private final Random random = new Random(1);

  private Body() {}

  /** Writes the message; the one argument is the size of its content in bytes. */
  public static void main(String[] args) throws IOException {
    byte[] request = new Body().request(Integer.parseInt(args[0]));
    OutputStream out = System.out;
    out.write(0);
    for (int shift = 24; shift >= 0; shift -= 8) {
      out.write(request.length >> shift);
    }
    out.write(request);
    out.flush();
  }

  private byte[] request(int bytes) throws IOException {
    Message spans = new Message().message(1, new Message().text(1, "io.opentelemetry.http"));
    do {
      spans.message(2, span());
    } while (spans.size() < bytes - 150);
    Message resource =
        new Message()
            .message(1, attribute("service.name", "checkout"))
            .message(1, attribute("k8s.namespace.name", "payments"));
    Message resourceSpans = new Message().message(1, resource).message(2, spans);
    return new Message().message(1, resourceSpans).toByteArray();
  }

  private Message span() throws IOException {
    return new Message()
        .bytes(1, id(16))
        .bytes(2, id(8))
        .bytes(4, id(8))
        .text(5, "POST /api/v1/payments")
        .number(6, 2)
        .fixed(7, START)
        .fixed(8, START + random.nextInt(1_000_000_000))
        .message(9, attribute("http.request.method", "POST"))
        .message(9, attribute("url.path", "/api/v1/payments/" + random.nextInt(1_000_000)))
        .message(9, attribute("server.address", "payments.example"))
        .message(9, attribute("user_agent.original", "checkout/1.4.2"))
        .message(15, new Message().number(3, 1));
  }

  private byte[] id(int bytes) {
    byte[] id = new byte[bytes];
    random.nextBytes(id);
    return id;
  }

  private static Message attribute(String key, String value) throws IOException {
    return new Message().text(1, key).message(2, new Message().text(1, value));
  }

  /** Protobuf's encoding, as far as it is needed here. */
  private static final class Message {
    private final ByteArrayOutputStream out = new ByteArrayOutputStream();

    int size() {
      return out.size();
    }

    byte[] toByteArray() {
      return out.toByteArray();
    }

    Message message(int field, Message value) throws IOException {
      return bytes(field, value.toByteArray());
    }

    Message text(int field, String value) throws IOException {
      return bytes(field, value.getBytes(StandardCharsets.UTF_8));
    }

    Message bytes(int field, byte[] value) throws IOException {
      varint(field << 3 | 2);
      varint(value.length);
      out.write(value);
      return this;
    }

    Message number(int field, int value) {
      varint(field << 3);
      varint(value);
      return this;
    }

    Message fixed(int field, long value) {
      varint(field << 3 | 1);
      for (int shift = 0; shift < Long.SIZE; shift += 8) {
        out.write((int) (value >> shift));
      }
      return this;
    }

    private void varint(int value) {
      int rest = value;
      while (rest > 0x7f) {
        out.write(rest | 0x80);
        rest >>>= 7;
      }
      out.write(rest);
    }
  }
}
