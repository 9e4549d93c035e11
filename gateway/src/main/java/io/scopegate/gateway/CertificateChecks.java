package io.scopegate.gateway;

import io.scopegate.config.KeyPath;
import io.scopegate.config.Loaded;
import io.scopegate.config.PemFiles;
import java.nio.file.Path;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Whether certificates and keys can be read and belong together. */
final class CertificateChecks {
  private final Loaded<?> loaded;

  CertificateChecks(Loaded<?> loaded) {
    this.loaded = loaded;
  }

  /** Checks a certificate and its key below a path; both or neither must be there. */
  void checkIdentity(KeyPath tls, @Nullable Path certificateFile, @Nullable Path keyFile) {
    if (certificateFile == null || keyFile == null) {
      if (certificateFile != null) {
        missing(tls.key("keyFile"));
      } else if (keyFile != null) {
        missing(tls.key("certificateFile"));
      }
      return;
    }
    KeyPath certificatePath = tls.key("certificateFile");
    KeyPath keyPath = tls.key("keyFile");
    Optional<X509Certificate> certificate =
        read(
            certificatePath,
            certificateFile,
            "certificates in PEM",
            () -> PemFiles.certificates(certificateFile).get(0));
    Optional<PrivateKey> key =
        read(
            keyPath,
            keyFile,
            "an unencrypted private key in PEM",
            () -> PemFiles.privateKey(keyFile));
    if (certificate.isPresent()
        && key.isPresent()
        && !PemFiles.belongTogether(certificate.get(), key.get())) {
      loaded.problem(keyPath, keyFile, "the key of the certificate in " + certificateFile);
    }
  }

  /** Checks that certificates can be read. */
  void checkAuthorities(KeyPath path, @Nullable Path file) {
    if (file != null) {
      read(path, file, "certificates in PEM", () -> PemFiles.certificates(file));
    }
  }

  void missing(KeyPath path) {
    loaded.problem(path, "null", "a file, for the certificate and its key go together");
  }

  private <T> Optional<T> read(KeyPath path, Path file, String expected, Supplier<T> reader) {
    try {
      return Optional.of(reader.get());
    } catch (IllegalArgumentException e) {
      loaded.problem(path, file, "a file that can be read, with " + expected);
      return Optional.empty();
    }
  }
}
