package io.scopegate.testkit.body;

import java.util.Arrays;
import java.util.SplittableRandom;
import java.util.zip.CRC32;
import java.util.zip.Deflater;
import org.jspecify.annotations.Nullable;

/**
 * Makes bodies, one after the other: a third are sound, the others damaged once or more often, on
 * the wire or before they were compressed, or nothing but noise. For one thread.
 */
public final class Bodies {
  private static final Format[] FORMATS = Format.values();
  private static final int MOST_DAMAGE = 4;
  private static final int[] EXTREMES = {0x00, 0x7f, 0x80, 0xff, '{', ']', '"', '\\', 0x0b, 0x0f};

  private final SplittableRandom random;
  private final ProtobufBodies protobuf;
  private final JsonBodies json;
  private final ThriftBodies thrift;
  private final Deflater deflater = new Deflater(1, true);

  /** Makes the same bodies as everybody with this seed. */
  public Bodies(long seed) {
    this.random = new SplittableRandom(seed);
    this.protobuf = new ProtobufBodies(random);
    this.json = new JsonBodies(random);
    this.thrift = new ThriftBodies(random);
  }

  /** Another one. */
  public Body next() {
    Format format = FORMATS[random.nextInt(FORMATS.length)];
    boolean grpc = random.nextInt(3) == 0;
    String encoding = encoding();
    int fate = random.nextInt(6);
    Payload payload = fate == 2 ? new Payload().bytes(noise(300)) : payload(format);
    byte[] decoded = payload.toByteArray();
    byte[] inner = fate == 3 || fate == 4 ? damaged(decoded) : decoded;
    boolean plainMessage = grpc && random.nextInt(4) == 0;
    byte[] coded = encoding == null || plainMessage ? inner : compressed(encoding, inner);
    byte[] framed = grpc ? framed(coded, encoding != null && !plainMessage) : coded;
    byte[] bytes = fate >= 4 ? damaged(framed) : framed;
    return new Body(format, grpc, encoding, bytes, fate < 2, decoded.length, payload.spans());
  }

  private @Nullable String encoding() {
    return switch (random.nextInt(5)) {
      case 0 -> "gzip";
      case 1 -> "deflate";
      default -> null;
    };
  }

  private Payload payload(Format format) {
    return switch (format) {
      case OTLP_PROTOBUF -> protobuf.with(1, 2, 2);
      case ZIPKIN_PROTOBUF -> protobuf.with(1);
      case JAEGER_PROTOBUF -> protobuf.with(1, 1);
      case OPENCENSUS -> protobuf.with(2);
      case OTLP_JSON -> json.otlp();
      case ZIPKIN_JSON -> json.list();
      case JAEGER_THRIFT -> thrift.batch();
      case ZIPKIN_THRIFT -> thrift.list();
    };
  }

  private static byte[] framed(byte[] message, boolean compressed) {
    return new Payload()
        .octet(compressed ? 1 : 0)
        .number(message.length, 4)
        .bytes(message)
        .toByteArray();
  }

  private byte[] compressed(String encoding, byte[] plain) {
    byte[] deflated = deflated(plain);
    if (encoding.equals("deflate")) {
      // the checksum is nobody's business here
      return new Payload().number(0x7801, 2).bytes(deflated).number(1, 4).toByteArray();
    }
    CRC32 checksum = new CRC32();
    checksum.update(plain);
    return new Payload()
        .number(0x1f8b08, 3)
        .bytes(header())
        .bytes(deflated)
        .number(Integer.reverseBytes((int) checksum.getValue()), 4)
        .number(Integer.reverseBytes(plain.length), 4)
        .toByteArray();
  }

  /** From the flags on: with an extra field, a name, a comment and a checksum, or without. */
  private byte[] header() {
    int flags = random.nextInt(4) == 0 ? random.nextInt(16) << 1 : 0;
    Payload header = new Payload().octet(flags).bytes(new byte[6]);
    if ((flags & 4) != 0) {
      header.octet(3).octet(0).text("abc");
    }
    if ((flags & 8) != 0) {
      header.text("name").octet(0);
    }
    if ((flags & 16) != 0) {
      header.octet(0);
    }
    return (flags & 2) != 0 ? header.number(7, 2).toByteArray() : header.toByteArray();
  }

  private byte[] deflated(byte[] plain) {
    deflater.reset();
    deflater.setInput(plain);
    deflater.finish();
    byte[] out = new byte[plain.length + plain.length / 8 + 64];
    return Arrays.copyOf(out, deflater.deflate(out));
  }

  private byte[] damaged(byte[] sound) {
    byte[] bytes = sound;
    for (int i = 1 + random.nextInt(MOST_DAMAGE); i > 0; i--) {
      bytes = bytes.length == 0 ? noise(20) : damagedOnce(bytes.clone());
    }
    return bytes;
  }

  private byte[] damagedOnce(byte[] bytes) {
    int at = random.nextInt(bytes.length);
    switch (random.nextInt(5)) {
      case 0 -> bytes[at] ^= (byte) (1 << random.nextInt(8));
      case 1 -> bytes[at] = (byte) EXTREMES[random.nextInt(EXTREMES.length)];
      case 2 -> Arrays.fill(bytes, at, Math.min(bytes.length, at + 9), (byte) 0xff);
      case 3 -> {
        return Arrays.copyOf(bytes, at);
      }
      default -> {
        return twice(bytes, at);
      }
    }
    return bytes;
  }

  /** With a part of it repeated. */
  private static byte[] twice(byte[] bytes, int from) {
    return new Payload()
        .bytes(bytes)
        .bytes(Arrays.copyOfRange(bytes, from, bytes.length))
        .toByteArray();
  }

  private byte[] noise(int most) {
    byte[] bytes = new byte[random.nextInt(most + 1)];
    random.nextBytes(bytes);
    return bytes;
  }
}
