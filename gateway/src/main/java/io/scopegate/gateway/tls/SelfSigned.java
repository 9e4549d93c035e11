package io.scopegate.gateway.tls;

import io.scopegate.config.Der;
import java.io.ByteArrayInputStream;
import java.math.BigInteger;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.SecureRandom;
import java.security.Signature;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.temporal.ChronoUnit;
import java.util.HexFormat;
import java.util.List;
import javax.net.ssl.SSLException;
import javax.security.auth.x500.X500Principal;

/**
 * A self-signed certificate for this host, valid for a year, with its key; both exist only in
 * memory. Encoded here, in the DER of <a
 * href="https://datatracker.ietf.org/doc/html/rfc5280#section-4.1">RFC 5280</a>, because the JDK
 * cannot create one.
 */
final class SelfSigned {
  private static final DateTimeFormatter TIME = DateTimeFormatter.ofPattern("yyyyMMddHHmmss'Z'");
  private static final int DAYS = 365;
  private static final int KEY_BITS = 2_048;
  private static final int MOST_NAME_CHARS = 64;

  private static final int DNS_NAME = 0x82;
  private static final int VERSION = 0xa0;
  private static final int EXTENSIONS = 0xa3;

  /**
   * 1.2.840.113549.1.1.11, sha256WithRSAEncryption: RSA, because some configurable suites need it.
   */
  private static final byte[] ALGORITHM = hex("300d06092a864886f70d01010b0500");

  /** 2.5.29.17, subjectAltName. */
  private static final byte[] ALTERNATIVE_NAME = hex("0603551d11");

  private SelfSigned() {}

  /**
   * Makes one.
   *
   * @throws SSLException when this JVM cannot
   */
  static TlsIdentity create() throws SSLException {
    return create(hostName(), Instant.now());
  }

  private static TlsIdentity create(String host, Instant now) throws SSLException {
    try {
      KeyPairGenerator generator = KeyPairGenerator.getInstance("RSA");
      generator.initialize(KEY_BITS);
      KeyPair pair = generator.generateKeyPair();
      byte[] content = content(host, now, pair);
      Signature signature = Signature.getInstance("SHA256withRSA");
      signature.initSign(pair.getPrivate());
      signature.update(content);
      byte[] der =
          Der.value(
              Der.SEQUENCE,
              content,
              ALGORITHM,
              Der.value(Der.BIT_STRING, hex("00"), signature.sign()));
      X509Certificate certificate =
          (X509Certificate)
              CertificateFactory.getInstance("X.509")
                  .generateCertificate(new ByteArrayInputStream(der));
      return new TlsIdentity(pair.getPrivate(), List.of(certificate));
    } catch (GeneralSecurityException e) {
      throw new SSLException("tls.selfSigned: no certificate can be made here", e);
    }
  }

  private static byte[] content(String host, Instant now, KeyPair pair) {
    byte[] name = new X500Principal("CN=" + host).getEncoded();
    byte[] serial = new BigInteger(127, new SecureRandom()).add(BigInteger.ONE).toByteArray();
    byte[] names =
        Der.value(
            Der.SEQUENCE,
            Der.value(DNS_NAME, ascii(host)),
            Der.value(DNS_NAME, ascii("localhost")));
    return Der.value(
        Der.SEQUENCE,
        Der.value(VERSION, Der.value(Der.INTEGER, hex("02"))),
        Der.value(Der.INTEGER, serial),
        ALGORITHM,
        name,
        Der.value(
            Der.SEQUENCE,
            time(now.minus(1, ChronoUnit.HOURS)),
            time(now.plus(DAYS, ChronoUnit.DAYS))),
        name,
        pair.getPublic().getEncoded(),
        Der.value(
            EXTENSIONS,
            Der.value(
                Der.SEQUENCE,
                Der.value(Der.SEQUENCE, ALTERNATIVE_NAME, Der.value(Der.OCTET_STRING, names)))));
  }

  private static byte[] time(Instant instant) {
    return Der.value(Der.GENERALIZED_TIME, ascii(TIME.format(instant.atOffset(ZoneOffset.UTC))));
  }

  private static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }

  private static byte[] hex(String digits) {
    return HexFormat.of().parseHex(digits);
  }

  /** The name of this machine, or of the Pod. */
  private static String hostName() {
    try {
      String name = InetAddress.getLocalHost().getHostName();
      return name.matches("[A-Za-z0-9.-]{1," + MOST_NAME_CHARS + "}") ? name : "localhost";
    } catch (UnknownHostException e) {
      return "localhost";
    }
  }
}
