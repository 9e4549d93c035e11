package io.scopegate.testkit;

import io.netty.pkitesting.CertificateBuilder;
import io.netty.pkitesting.CertificateBuilder.KeyUsage;
import io.netty.pkitesting.X509Bundle;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.net.PemKeyCertOptions;
import io.vertx.core.net.PemTrustOptions;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Arrays;
import javax.security.auth.x500.X500Principal;

/** A certificate authority that lives as long as the test, with what it has issued. */
public final class TestCa {
  private static final String SUBJECT_ALTERNATIVE_NAME = "2.5.29.17";

  private final X509Bundle authority;

  private TestCa(X509Bundle authority) {
    this.authority = authority;
  }

  /** A new authority with a key of its own. */
  public static TestCa create() {
    CertificateBuilder root =
        new CertificateBuilder()
            .ecp256()
            .subject("CN=scopegate-testkit")
            .setIsCertificateAuthority(true)
            .setKeyUsage(true, KeyUsage.keyCertSign, KeyUsage.cRLSign, KeyUsage.digitalSignature);
    try {
      return new TestCa(root.buildSelfSigned());
    } catch (Exception e) {
      throw new IllegalStateException("no certificate authority could be made", e);
    }
  }

  /**
   * A server's certificate for {@code localhost}, 127.0.0.1 and ::1.
   *
   * @param names further DNS names
   */
  public Issued server(String... names) {
    CertificateBuilder leaf =
        new CertificateBuilder()
            .ecp256()
            .subject("CN=localhost")
            .addSanDnsName("localhost")
            .addSanIpAddress("127.0.0.1")
            .addSanIpAddress("::1")
            .setKeyUsage(true, KeyUsage.digitalSignature)
            .addExtendedKeyUsageServerAuth();
    Arrays.stream(names).forEach(leaf::addSanDnsName);
    return issue(leaf);
  }

  /** A server's certificate for these DNS names alone, each of which may have a wildcard. */
  public Issued named(String... names) {
    return issue(
        new CertificateBuilder()
            .ecp256()
            .subject("CN=" + names.length + " names")
            .setKeyUsage(true, KeyUsage.digitalSignature)
            .addExtendedKeyUsageServerAuth()
            .addExtensionOctetString(SUBJECT_ALTERNATIVE_NAME, false, dnsNames(names)));
  }

  /** The builder knows no wildcards, so this is the extension in DER, short names only. */
  private static byte[] dnsNames(String... names) {
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    for (String name : names) {
      all.write(0x82); // [2] dNSName
      all.write(name.length());
      all.writeBytes(name.getBytes(StandardCharsets.US_ASCII));
    }
    return sequence(all);
  }

  private static byte[] sequence(ByteArrayOutputStream all) {
    if (all.size() > 127) {
      throw new IllegalArgumentException("names: " + all.size() + " bytes (expected: 127)");
    }
    ByteArrayOutputStream sequence = new ByteArrayOutputStream();
    sequence.write(0x30);
    sequence.write(all.size());
    sequence.writeBytes(all.toByteArray());
    return sequence.toByteArray();
  }

  /**
   * A client's certificate as Kubernetes reads it.
   *
   * @param user the CN
   * @param groups the O values
   */
  public Issued client(String user, String... groups) {
    StringBuilder name = new StringBuilder("CN=\"").append(user).append('"');
    Arrays.stream(groups).forEach(group -> name.append(",O=\"").append(group).append('"'));
    return client(new X500Principal(name.toString()));
  }

  /** A client's certificate for any subject. */
  public Issued client(X500Principal subject) {
    return issue(clientBuilder(subject));
  }

  /**
   * A client's certificate with alternative names, as SPIFFE and others issue them.
   *
   * @param subject such as {@code O=SPIRE}
   * @param names each with its kind: {@code uri:}, {@code dns:} or {@code email:}; short ones
   */
  public Issued workload(String subject, String... names) {
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    for (String name : names) {
      int colon = name.indexOf(':');
      byte[] value = name.substring(colon + 1).getBytes(StandardCharsets.US_ASCII);
      all.write(
          switch (name.substring(0, colon)) {
            case "email" -> 0x81;
            case "dns" -> 0x82;
            case "uri" -> 0x86;
            default -> throw new IllegalArgumentException("name: " + name);
          });
      all.write(value.length);
      all.writeBytes(value);
    }
    return issue(
        clientBuilder(new X500Principal(subject))
            .addExtensionOctetString(SUBJECT_ALTERNATIVE_NAME, false, sequence(all)));
  }

  /** A client's certificate with an expiry; an expired one was valid for the day before it. */
  public Issued client(X500Principal subject, Instant notAfter) {
    return issue(
        clientBuilder(subject).notBefore(notAfter.minus(1, ChronoUnit.DAYS)).notAfter(notAfter));
  }

  private static CertificateBuilder clientBuilder(X500Principal subject) {
    return new CertificateBuilder()
        .ecp256()
        .subject(subject)
        .setKeyUsage(true, KeyUsage.digitalSignature)
        .addExtendedKeyUsageClientAuth();
  }

  /** The authority's own certificate. */
  public X509Certificate certificate() {
    return authority.getCertificate();
  }

  /** The authority's own certificate in PEM. */
  public String pem() {
    return authority.getCertificatePEM();
  }

  /** Trusts what this authority issued, for Vert.x clients and servers. */
  public PemTrustOptions trustOptions() {
    return new PemTrustOptions().addCertValue(Buffer.buffer(pem()));
  }

  /** Writes the authority's certificate to a file. */
  public Path writePem(Path file) {
    return write(file, pem());
  }

  private Issued issue(CertificateBuilder leaf) {
    try {
      X509Bundle bundle = leaf.buildIssuedBy(authority);
      return new Issued(
          bundle.getCertificate(), bundle.getCertificatePathPEM(), bundle.getPrivateKeyPEM());
    } catch (Exception e) {
      throw new IllegalStateException("no certificate could be issued", e);
    }
  }

  private static Path write(Path file, String text) {
    try {
      return Files.writeString(file, text);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * A certificate and its key.
   *
   * @param certificate the certificate itself
   * @param certificatePem it and its chain in PEM
   * @param keyPem the private key in PEM (PKCS #8)
   */
  public record Issued(X509Certificate certificate, String certificatePem, String keyPem) {

    /** For Vert.x clients and servers. */
    public PemKeyCertOptions keyCertOptions() {
      return new PemKeyCertOptions()
          .addCertValue(Buffer.buffer(certificatePem))
          .addKeyValue(Buffer.buffer(keyPem));
    }

    /** Writes the chain to a file. */
    public Path writeCertificate(Path file) {
      return write(file, certificatePem);
    }

    /** Writes the private key to a file. */
    public Path writeKey(Path file) {
      return write(file, keyPem);
    }

    /** Without the key. */
    @Override
    public String toString() {
      return "Issued[" + certificate.getSubjectX500Principal() + "]";
    }
  }
}
