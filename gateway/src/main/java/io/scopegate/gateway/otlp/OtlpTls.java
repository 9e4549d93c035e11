package io.scopegate.gateway.otlp;

import io.scopegate.authz.http.NamedServerTls;
import io.scopegate.authz.http.TlsContext;
import io.scopegate.gateway.tls.TlsFile;
import io.scopegate.gateway.tls.TlsIdentity;
import io.scopegate.gateway.tls.TlsUse;
import java.io.IOException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;

/** TLS towards a receiver of OTLP, made of files that may be read again; for any thread. */
public final class OtlpTls {
  /** The client of receivers is that of the JDK. */
  private static final String PROVIDER = "JDK";

  private final OtlpConfig config;
  private volatile Reading current;

  private record Reading(SSLContext context, TlsUse use) {}

  /**
   * Reads the files.
   *
   * @throws IOException when a certificate cannot be used
   */
  public OtlpTls(OtlpConfig config) throws IOException {
    this.config = config;
    this.current = read();
  }

  /** The files that are to be followed; none for a receiver without TLS. */
  public static List<Path> files(OtlpConfig config) {
    return config.isEncrypted() ? config.tls().files() : List.of();
  }

  /** The receiver. */
  OtlpConfig config() {
    return config;
  }

  /**
   * Reads the files again; the next request uses them.
   *
   * @throws IOException when they are not usable; what was read before stays
   */
  public void reload() throws IOException {
    current = read();
  }

  /** The expiry of the files, and who does the work; null for a receiver without TLS. */
  public @Nullable TlsUse use() {
    return config.isEncrypted() ? current.use : null;
  }

  /** The one to use, another after each reading. */
  SSLContext context() {
    return current.context;
  }

  private Reading read() throws IOException {
    try {
      List<TlsFile> files = new ArrayList<>();
      SSLContext context = context(files);
      String name = config.tls().serverName();
      return new Reading(
          name == null ? context : NamedServerTls.context(context, name),
          new TlsUse(List.of(PROVIDER), files));
    } catch (IllegalArgumentException | GeneralSecurityException e) {
      throw new IOException(e.getMessage(), e);
    }
  }

  private SSLContext context(List<TlsFile> files) throws GeneralSecurityException, IOException {
    OtlpTlsConfig tls = config.tls();
    TlsContext.Identity identity = identity(files);
    if (tls.insecureSkipVerify()) {
      return TlsContext.trustingAnybody(identity);
    }
    Path ca = tls.caFile();
    if (ca == null) {
      return TlsContext.trusting(null, identity);
    }
    List<X509Certificate> authorities = TlsIdentity.certificates(ca);
    files.add(TlsFile.authorities(ca, authorities));
    return TlsContext.trusting(authorities, identity);
  }

  private TlsContext.@Nullable Identity identity(List<TlsFile> files) throws IOException {
    Path certificateFile = config.tls().certificateFile();
    Path keyFile = config.tls().keyFile();
    if (certificateFile == null || keyFile == null) {
      return null;
    }
    TlsIdentity own = TlsIdentity.read(certificateFile, keyFile);
    files.add(TlsFile.chain(certificateFile, own.certificates()));
    return new TlsContext.Identity(own.certificates(), own.key());
  }
}
