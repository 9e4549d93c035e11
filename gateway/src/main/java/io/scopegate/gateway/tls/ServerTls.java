package io.scopegate.gateway.tls;

import io.netty.handler.ssl.SslContext;
import io.scopegate.authz.decision.ClientAuthorities;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/**
 * The certificates of a port and the authorities of client certificates; new connections use new
 * ones as soon as they are read.
 */
public final class ServerTls {
  private final TlsConfig config;
  private final ServerContexts contexts;
  private final @Nullable TlsIdentity selfSigned;
  private final RefCountedReference<Read> current;

  /**
   * The contexts made from one reading of the files. A TLS session belongs to the context it began
   * with, so that none is resumed under other authorities than those that have checked it.
   */
  public static final class Read extends TlsContextSet {
    private final SslContext byDefault;
    private final ServerNames<SslContext> names;
    private final @Nullable ClientAuthorities authorities;
    private final TlsUse use;

    private Read(
        Making made,
        ServerNames<SslContext> names,
        @Nullable ClientAuthorities authorities,
        TlsUse use) {
      super(made);
      this.byDefault = contexts().get(0);
      this.names = names;
      this.authorities = authorities;
      this.use = use;
    }

    /** For a connection whose client asks for no name, or for one that no certificate has. */
    public SslContext context() {
      return byDefault;
    }

    /**
     * For a connection whose client asks for a name.
     *
     * @param name in lower case; null when it asks for none
     */
    public SslContext context(@Nullable String name) {
      SslContext named = name == null ? null : names.find(name);
      return named == null ? byDefault : named;
    }

    /** Whether it matters which name a client asks for. */
    public boolean several() {
      return contexts().size() > 1;
    }

    /** What client certificates are checked with; null when none are asked for. */
    public @Nullable ClientAuthorities authorities() {
      return authorities;
    }
  }

  /**
   * Reads the files, or makes a certificate where there are none to read.
   *
   * @param http2 whether HTTP/2 is offered
   * @throws SSLException when they are no usable certificates and keys
   */
  public ServerTls(TlsConfig config, boolean http2) throws SSLException {
    this(config, http2, false);
  }

  /**
   * Reads the files.
   *
   * @param anyCertificate whether a handshake lets any client certificate in, because a token may
   *     decide: it is verified when it has to say who the client is
   * @throws SSLException as above
   */
  public ServerTls(TlsConfig config, boolean http2, boolean anyCertificate) throws SSLException {
    this.config = config;
    contexts = new ServerContexts(config, http2, anyCertificate);
    selfSigned = config.selfSigned() ? SelfSigned.create() : null;
    current = new RefCountedReference<>(read(null));
  }

  /** The files that are followed. */
  public static List<Path> files(TlsConfig config) {
    Stream<Path> identities =
        config.allCertificates().stream().flatMap(c -> Stream.of(c.certificateFile(), c.keyFile()));
    return Stream.concat(identities, Stream.ofNullable(config.clientCaFile())).distinct().toList();
  }

  /**
   * Reads the files again.
   *
   * @throws SSLException when they are not usable, for example because one of the two is newer; the
   *     certificate before stays
   */
  public void reload() throws SSLException {
    ClientAuthorities before = current.look().authorities();
    Read next = read(before);
    current.replaceWith(next);
    if (before != null && before != next.authorities()) {
      before.end();
    }
  }

  /** The TLS providers in use, and the expiry of the files. */
  public TlsUse use() {
    return current.look().use;
  }

  /** The contexts of new connections, for immediate use only. */
  public Read current() {
    return current.look();
  }

  /** The contexts for a new connection; the caller releases them. */
  public Read acquire() {
    return current.acquire();
  }

  // ---- reading

  private Read read(@Nullable ClientAuthorities before) throws SSLException {
    List<TlsFile> files = new ArrayList<>();
    List<TlsIdentity> identities = identities(files);
    ClientAuthorities authorities = authorities(before, files);
    ServerNames<SslContext> names = new ServerNames<>();
    TlsContextSet.Making making = new TlsContextSet.Making();
    for (TlsIdentity identity : identities) {
      SslContext context = making.add(() -> contexts.of(identity, authorities));
      ServerNames.of(identity.certificates().get(0)).forEach(name -> names.add(name, context));
    }
    return new Read(making, names, authorities, TlsUse.of(identities, files, config.provider()));
  }

  private List<TlsIdentity> identities(List<TlsFile> files) throws SSLException {
    if (selfSigned != null) {
      return List.of(selfSigned);
    }
    List<TlsIdentity> identities = new ArrayList<>();
    ServerNames<Path> taken = new ServerNames<>();
    for (TlsCertificateConfig c : config.allCertificates()) {
      TlsIdentity identity = TlsIdentity.read(c.certificateFile(), c.keyFile());
      for (String name : ServerNames.of(identity.certificates().get(0))) {
        Path other = taken.add(name, c.certificateFile());
        if (other != null && !other.equals(c.certificateFile())) {
          throw new SSLException(
              c.certificateFile()
                  + ": "
                  + name
                  + " (expected: a name that is not in "
                  + other
                  + ")");
        }
      }
      identities.add(identity);
      files.add(TlsFile.chain(c.certificateFile(), identity.certificates()));
    }
    return identities;
  }

  /**
   * The previous authorities if they are equal, so that clients are not checked again needlessly.
   */
  private @Nullable ClientAuthorities authorities(
      @Nullable ClientAuthorities before, List<TlsFile> files) throws SSLException {
    Path file = config.clientCaFile();
    if (file == null) {
      return null;
    }
    List<X509Certificate> certificates = TlsIdentity.certificates(file);
    files.add(TlsFile.authorities(file, certificates));
    return before != null && before.are(certificates)
        ? before
        : new ClientAuthorities(certificates, config.clientUser(), config.clientGroups());
  }
}
