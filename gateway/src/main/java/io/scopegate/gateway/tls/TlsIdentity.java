package io.scopegate.gateway.tls;

import io.scopegate.config.PemFiles;
import java.nio.file.Path;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.function.Function;
import javax.net.ssl.SSLException;

/**
 * A certificate chain with its private key, read by {@link PemFiles} as the check of a
 * configuration reads them, so that what passes there works here.
 *
 * @param key the private key
 * @param certificates the chain, own certificate first
 */
public record TlsIdentity(PrivateKey key, List<X509Certificate> certificates) {
  /** Copies the list. */
  public TlsIdentity {
    certificates = List.copyOf(certificates);
  }

  /**
   * Reads both files.
   *
   * @throws SSLException naming the file, when one cannot be used or they do not belong together
   */
  public static TlsIdentity read(Path certificateFile, Path keyFile) throws SSLException {
    List<X509Certificate> certificates = certificates(certificateFile);
    PrivateKey key = from(keyFile, PemFiles::privateKey);
    if (!PemFiles.belongTogether(certificates.get(0), key)) {
      throw new SSLException(
          keyFile + " (expected: the private key of the certificate in " + certificateFile + ")");
    }
    return new TlsIdentity(key, certificates);
  }

  /**
   * Reads certificates.
   *
   * @throws SSLException naming the file, when it cannot be used
   */
  public static List<X509Certificate> certificates(Path file) throws SSLException {
    return from(file, PemFiles::certificates);
  }

  private static <T> T from(Path file, Function<Path, T> read) throws SSLException {
    try {
      return read.apply(file);
    } catch (IllegalArgumentException e) {
      throw new SSLException(e.getMessage(), e); // the message begins with the file
    }
  }

  /** The chain as Netty takes it. */
  public X509Certificate[] chain() {
    return certificates.toArray(X509Certificate[]::new);
  }

  /** Without the key. */
  @Override
  public String toString() {
    return "TlsIdentity[" + certificates.get(0).getSubjectX500Principal() + "]";
  }
}
