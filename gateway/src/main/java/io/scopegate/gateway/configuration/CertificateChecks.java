package io.scopegate.gateway.configuration;

import io.scopegate.config.KeyPath;
import io.scopegate.config.Loaded;
import io.scopegate.config.PemFiles;
import io.scopegate.gateway.tls.ClientTls;
import io.scopegate.gateway.tls.ServerNames;
import io.scopegate.gateway.tls.TlsCertificateConfig;
import io.scopegate.gateway.tls.TlsConfig;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Whether certificates and keys can be read and belong together. */
final class CertificateChecks {
  private final Loaded<?> loaded;

  CertificateChecks(Loaded<?> loaded) {
    this.loaded = loaded;
  }

  /** Checks the certificates of a port, and that no name leads to two of them. */
  void checkServer(KeyPath tls, TlsConfig config) {
    ServerNames<Path> taken = new ServerNames<>();
    checkIdentity(tls, config.certificateFile(), config.keyFile())
        .ifPresent(own -> names(tls, config.certificateFile(), own, taken));
    for (int i = 0; i < config.certificates().size(); i++) {
      TlsCertificateConfig one = config.certificates().get(i);
      KeyPath at = tls.key("certificates").index(i);
      boolean isDefault = i == 0 && config.certificateFile() == null;
      checkIdentity(at, one.certificateFile(), one.keyFile())
          .ifPresent(own -> {
            if (!names(at, one.certificateFile(), own, taken) && !isDefault) {
              loaded.problem(
                  at.key("certificateFile"),
                  one.certificateFile(),
                  "has no DNS name, by which it would be chosen",
                  "a certificate with a DNS name");
            }
          });
    }
  }

  /** Whether it has any. */
  private boolean names(
      KeyPath at, @Nullable Path file, X509Certificate own, ServerNames<Path> taken) {
    List<String> names = ServerNames.of(own);
    for (String name : names) {
      Path other = file == null ? null : taken.add(name, file);
      if (other != null && !other.equals(file)) {
        loaded.problem(
            at.key("certificateFile"),
            name,
            "is in " + other + " as well",
            "certificates without names in common");
      }
    }
    return !names.isEmpty();
  }

  /**
   * Checks a certificate and its key below a path; both or neither must be there.
   *
   * @return the certificate, if there is one and it can be read
   */
  Optional<X509Certificate> checkIdentity(
      KeyPath tls, @Nullable Path certificateFile, @Nullable Path keyFile) {
    if (certificateFile == null || keyFile == null) {
      if (certificateFile != null) {
        missing(tls.key("keyFile"));
      } else if (keyFile != null) {
        missing(tls.key("certificateFile"));
      }
      return Optional.empty();
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
      loaded.problem(
          keyPath,
          keyFile,
          "does not belong to the certificate",
          "the key of the certificate in " + certificateFile);
    }
    return certificate;
  }

  /**
   * Checks TLS towards a server.
   *
   * @param encrypted whether its URL is one of https
   */
  void checkClient(KeyPath path, boolean encrypted, ClientTls tls) {
    if (encrypted) {
      checkAuthorities(path.key("caFile"), tls.caFile());
      checkIdentity(path, tls.certificateFile(), tls.keyFile());
    } else if (tls.isGiven()) {
      loaded.problem(path, "", "has no effect with an http URL", "an https URL");
    }
  }

  /** Checks that certificates can be read. */
  void checkAuthorities(KeyPath path, @Nullable Path file) {
    if (file != null) {
      read(path, file, "certificates in PEM", () -> PemFiles.certificates(file));
    }
  }

  private void missing(KeyPath path) {
    loaded.problem(path, "missing", "both certificateFile and keyFile");
  }

  /** Checks that a file is there and can be read; whether it is. */
  static boolean checkReadable(KeyPath path, Path file, Loaded<?> loaded) {
    if (Files.isRegularFile(file) && Files.isReadable(file)) {
      return true;
    }
    if (!Files.exists(file)) {
      loaded.absent(path, file);
      return false;
    }
    String why = Files.isReadable(file) ? "is not a file" : "cannot be read";
    loaded.problem(path, file, why, "a file that can be read");
    return false;
  }

  private <T> Optional<T> read(KeyPath path, Path file, String expected, Supplier<T> reader) {
    try {
      return Optional.of(reader.get());
    } catch (IllegalArgumentException e) {
      if (checkReadable(path, file, loaded)) {
        loaded.problem(path, file, "holds something else", expected);
      }
      return Optional.empty();
    }
  }
}
