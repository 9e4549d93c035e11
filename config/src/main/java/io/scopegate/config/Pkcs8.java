package io.scopegate.config;

import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;

/**
 * Puts older forms of private keys into <a
 * href="https://datatracker.ietf.org/doc/html/rfc5208">PKCS#8</a>, the only one that the JDK reads.
 */
final class Pkcs8 {
  private static final int PARAMETERS = 0xa0;
  private static final byte[] VERSION = {Der.INTEGER, 1, 0};

  /** {@code rsaEncryption}, 1.2.840.113549.1.1.1, with NULL parameters. */
  private static final byte[] RSA = {
    0x06, 0x09, 0x2a, (byte) 0x86, 0x48, (byte) 0x86, (byte) 0xf7, 0x0d, 0x01, 0x01, 0x01, 0x05, 0
  };

  /** {@code id-ecPublicKey}, 1.2.840.10045.2.1. */
  private static final byte[] EC = {
    0x06, 0x07, 0x2a, (byte) 0x86, 0x48, (byte) 0xce, 0x3d, 0x02, 0x01
  };

  private Pkcs8() {}

  /** From an {@code RSAPrivateKey} of RFC 8017, appendix A.1.2. */
  static byte[] ofRsa(byte[] key) {
    return Der.value(
        Der.SEQUENCE, VERSION, Der.value(Der.SEQUENCE, RSA), Der.value(Der.OCTET_STRING, key));
  }

  /** From an {@code ECPrivateKey} of RFC 5915, which has to name its curve. */
  static byte[] ofEc(byte[] key) {
    try {
      ByteBuffer fields = content(ByteBuffer.wrap(key), Der.SEQUENCE);
      byte[] version = Der.value(Der.INTEGER, bytes(content(fields, Der.INTEGER)));
      byte[] number = Der.value(Der.OCTET_STRING, bytes(content(fields, Der.OCTET_STRING)));
      byte[] curve = bytes(content(fields, PARAMETERS));
      byte[] bare = Der.value(Der.SEQUENCE, version, number); // the JDK minds a curve named twice
      return Der.value(
          Der.SEQUENCE,
          VERSION,
          Der.value(Der.SEQUENCE, EC, curve),
          Der.value(Der.OCTET_STRING, bare));
    } catch (BufferUnderflowException e) {
      throw malformed();
    }
  }

  private static ByteBuffer content(ByteBuffer in, int tag) {
    if ((in.get() & 0xff) != tag) {
      throw malformed();
    }
    int length = in.get() & 0xff;
    if (length > 0x82) {
      throw malformed(); // no key is that long
    }
    if (length >= 0x80) {
      int bytes = length - 0x80;
      length = 0;
      for (int i = 0; i < bytes; i++) {
        length = (length << 8) | (in.get() & 0xff);
      }
    }
    if (length > in.remaining()) {
      throw malformed();
    }
    ByteBuffer content = in.slice(in.position(), length);
    in.position(in.position() + length);
    return content;
  }

  private static byte[] bytes(ByteBuffer buffer) {
    byte[] bytes = new byte[buffer.remaining()];
    buffer.get(bytes);
    return bytes;
  }

  private static IllegalArgumentException malformed() {
    return new IllegalArgumentException("EC PRIVATE KEY (expected: RFC 5915 with a named curve)");
  }
}
