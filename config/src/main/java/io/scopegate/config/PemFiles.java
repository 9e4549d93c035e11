package io.scopegate.config;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.Signature;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.InvalidKeySpecException;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Reads certificates and keys, <a href="https://datatracker.ietf.org/doc/html/rfc7468">PEM</a>.
 * Every method throws {@link IllegalArgumentException} with a message for people, which never holds
 * any part of a key.
 */
public final class PemFiles {
  private static final int MAX_BYTES = 1 << 20;
  private static final Pattern BLOCK =
      Pattern.compile("-----BEGIN ([A-Z0-9 ]+)-----([A-Za-z0-9+/=\\s]*+)-----END \\1-----");
  private static final List<String> ALGORITHMS = List.of("RSA", "EC", "Ed25519", "Ed448");

  private PemFiles() {}

  private static final class Block {
    final String label;
    final byte[] der;

    Block(String label, byte[] der) {
      this.label = label;
      this.der = der;
    }

    /** The key in the one form that the JDK reads; empty when this is no key. */
    Optional<byte[]> pkcs8() {
      return switch (label) {
        case "PRIVATE KEY" -> Optional.of(der);
        case "RSA PRIVATE KEY" -> Optional.of(Pkcs8.ofRsa(der));
        case "EC PRIVATE KEY" -> Optional.of(Pkcs8.ofEc(der));
        default -> Optional.empty();
      };
    }
  }

  /** The certificates of a file in its order; at least one. */
  public static List<X509Certificate> certificates(Path file) {
    return certificates(read(file), file.toString());
  }

  /**
   * The certificates of a text in its order; at least one.
   *
   * @param where where the text comes from, for messages
   */
  public static List<X509Certificate> certificates(String pem, String where) {
    List<X509Certificate> certificates = new ArrayList<>();
    for (Block block : blocks(pem, where)) {
      if (block.label.equals("CERTIFICATE")) {
        certificates.add(certificate(where, block.der));
      }
    }
    if (certificates.isEmpty()) {
      throw new IllegalArgumentException(where + " (expected: a certificate in PEM)");
    }
    return certificates;
  }

  private static X509Certificate certificate(String where, byte[] der) {
    try {
      CertificateFactory factory = CertificateFactory.getInstance("X.509");
      return (X509Certificate) factory.generateCertificate(new ByteArrayInputStream(der));
    } catch (CertificateException e) {
      throw new IllegalArgumentException(where + " (expected: a certificate in PEM)", e);
    }
  }

  /**
   * The private key of a file: PKCS#8, PKCS#1 ({@code RSA PRIVATE KEY}) or SEC 1 ({@code EC PRIVATE
   * KEY}), not encrypted.
   */
  public static PrivateKey privateKey(Path file) {
    return privateKey(read(file), file.toString());
  }

  /**
   * The private key of a text, in the same forms.
   *
   * @param where where the text comes from, for messages
   */
  public static PrivateKey privateKey(String pem, String where) {
    for (Block block : blocks(pem, where)) {
      if (block.label.equals("ENCRYPTED PRIVATE KEY")) {
        throw new IllegalArgumentException(where + " (expected: a key that is not encrypted)");
      }
      Optional<byte[]> pkcs8 = block.pkcs8();
      if (pkcs8.isPresent()) {
        return keyOf(where, pkcs8.get());
      }
    }
    throw new IllegalArgumentException(where + " (expected: a private key in PEM)");
  }

  private static PrivateKey keyOf(String where, byte[] pkcs8) {
    return ALGORITHMS.stream()
        .flatMap(algorithm -> key(algorithm, pkcs8).stream())
        .findFirst()
        .orElseThrow(
            () -> new IllegalArgumentException(where + " (expected: a key of " + ALGORITHMS + ")"));
  }

  private static Optional<PrivateKey> key(String algorithm, byte[] pkcs8) {
    try {
      return Optional.of(
          KeyFactory.getInstance(algorithm).generatePrivate(new PKCS8EncodedKeySpec(pkcs8)));
    } catch (InvalidKeySpecException e) {
      return Optional.empty(); // of another algorithm
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e); // every JDK 17 has them all
    }
  }

  /** Whether a private key is the one of a certificate. */
  public static boolean belongTogether(X509Certificate certificate, PrivateKey key) {
    PublicKey publicKey = certificate.getPublicKey();
    String algorithm =
        switch (key.getAlgorithm()) {
          case "RSA" -> "SHA256withRSA";
          case "EC" -> "SHA256withECDSA";
          default -> key.getAlgorithm();
        };
    byte[] message = "scopegate".getBytes(StandardCharsets.US_ASCII);
    try {
      Signature signer = Signature.getInstance(algorithm);
      signer.initSign(key);
      signer.update(message);
      byte[] signature = signer.sign();
      Signature verifier = Signature.getInstance(algorithm);
      verifier.initVerify(publicKey);
      verifier.update(message);
      return verifier.verify(signature);
    } catch (GeneralSecurityException e) {
      return false; // another kind of key, or another curve
    }
  }

  private static List<Block> blocks(String pem, String where) {
    List<Block> blocks = new ArrayList<>();
    Matcher matcher = BLOCK.matcher(pem);
    while (matcher.find()) {
      try {
        String base64 = matcher.group(2).replaceAll("\\s", "");
        blocks.add(new Block(matcher.group(1), Base64.getDecoder().decode(base64)));
      } catch (IllegalArgumentException e) {
        throw new IllegalArgumentException(where + " (expected: Base64 in its PEM)", e);
      }
    }
    return blocks;
  }

  private static String read(Path file) {
    try (InputStream in = Files.newInputStream(file)) {
      return new String(in.readNBytes(MAX_BYTES), StandardCharsets.ISO_8859_1);
    } catch (IOException e) {
      throw new IllegalArgumentException(file + " (expected: a file that can be read)", e);
    }
  }
}
