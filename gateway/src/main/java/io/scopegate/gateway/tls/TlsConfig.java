package io.scopegate.gateway.tls;

import io.scopegate.authz.CertificateGroups;
import io.scopegate.authz.CertificateUser;
import io.scopegate.config.Key;
import io.scopegate.gateway.route.Operation;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * TLS of a port; the files are followed when they change.
 *
 * @param mode whether connections are TLS; null: {@link Mode#REQUIRED} with a certificate, else
 *     {@link Mode#DISABLED}, and never null once the record is made
 * @param certificateFile the certificate chain, own certificate first; null: see {@code
 *     certificates}
 * @param keyFile its private key
 * @param certificates further ones, by the names in them
 * @param clientCaFile what client certificates are checked with; null for none
 * @param clientUser which name of a client certificate is the user
 * @param clientGroups which of its names are the groups
 * @param minVersion the oldest version that is accepted
 * @param clearTextTokens which requests may bring a token in clear text
 * @param cipherSuites what of TLS 1.2 is accepted; empty for all that are any good
 * @param provider who does the work
 * @param selfSigned whether a certificate is made at the start instead of read
 */
public record TlsConfig(
    @Key(
            doc =
                "`disabled`, `required`, or `optional` (TLS and clear text on the same port); null:"
                    + " `required` with a certificate, else `disabled`.",
            reload = Key.Reload.AT_ONCE)
        @Nullable Mode mode,
    @Key(
            doc = "Certificate chain (PEM), the server's certificate first.",
            reload = Key.Reload.AT_ONCE_FILE_FOLLOWED)
        @Nullable Path certificateFile,
    @Key(
            doc = "Private key (PEM, not encrypted) of the certificate.",
            reload = Key.Reload.AT_ONCE_FILE_FOLLOWED)
        @Nullable Path keyFile,
    @Key(
            doc =
                "Further certificates, for clients that ask for one of their names (SNI). Other"
                    + " clients get `certificateFile` or, without it, the first of these.",
            def = "[]",
            reload = Key.Reload.AT_ONCE)
        List<TlsCertificateConfig> certificates,
    @Key(
            doc =
                "CA certificates (PEM) of client certificates. These are requested, and used when"
                    + " there is no `authorization` header.",
            reload = Key.Reload.AT_ONCE_FILE_FOLLOWED)
        @Nullable Path clientCaFile,
    @Key(
            doc =
                "Which name of a client certificate is the user: `cn` of the subject, or the `uri`"
                    + " (SPIFFE), `dns` or `email` of the alternative names. A certificate must have"
                    + " exactly one of it.",
            def = "cn",
            reload = Key.Reload.AT_ONCE)
        CertificateUser clientUser,
    @Key(
            doc = "Which names of its subject are the groups: each `o` or each `ou`.",
            def = "o",
            reload = Key.Reload.AT_ONCE)
        CertificateGroups clientGroups,
    @Key(doc = "Lowest TLS version that is accepted.", def = "TLSv1.2", reload = Key.Reload.AT_ONCE)
        MinVersion minVersion,
    @Key(
            doc =
                "With `mode: optional`, which requests may send a token in clear text: `allow` any,"
                    + " `reads` those that read, `refuse` none.",
            def = "allow",
            reload = Key.Reload.AT_ONCE)
        ClearTextTokens clearTextTokens,
    @Key(
            doc =
                "TLS 1.2 cipher suites that are accepted, by their IANA names; empty: all with"
                    + " forward secrecy and authenticated encryption. The suites of TLS 1.3 are"
                    + " always accepted.",
            def = "[]",
            reload = Key.Reload.AT_ONCE)
        List<String> cipherSuites,
    @Key(
            doc =
                "Who does the work: `auto` is BoringSSL where there is one for the platform and it"
                    + " supports the key, else the JDK; `jdk` is the JDK always, with the security"
                    + " providers that it is set up with, as FIPS needs it. At the top level it holds"
                    + " for upstreams too.",
            def = "auto",
            reload = Key.Reload.AT_ONCE)
        TlsProvider provider,
    @Key(
            doc =
                "Generate a self-signed certificate at each start instead of reading"
                    + " `certificateFile` and `keyFile`; clients cannot verify it.",
            def = "false",
            reload = Key.Reload.AT_ONCE)
        boolean selfSigned) {

  /** Copies the lists. A certificate is there to be used, so without a mode it means TLS only. */
  public TlsConfig {
    certificates = List.copyOf(certificates);
    cipherSuites = List.copyOf(cipherSuites);
    if (mode == null) {
      boolean hasCertificate =
          certificateFile != null || keyFile != null || !certificates.isEmpty() || selfSigned;
      mode = hasCertificate ? Mode.REQUIRED : Mode.DISABLED;
    }
  }

  @Override
  public Mode mode() {
    return Objects.requireNonNull(mode, "mode"); // the constructor has settled it
  }

  /** All certificates with their keys, the default one first. */
  public List<TlsCertificateConfig> allCertificates() {
    List<TlsCertificateConfig> all = new ArrayList<>();
    if (certificateFile != null && keyFile != null) {
      all.add(new TlsCertificateConfig(certificateFile, keyFile));
    }
    all.addAll(certificates);
    return all;
  }

  /** Whether connections are TLS. */
  public enum Mode {
    /** Clear text only. */
    DISABLED,
    /** TLS only. */
    REQUIRED,
    /** Either, told apart by the first byte. */
    OPTIONAL
  }

  /** A version of TLS. */
  public enum MinVersion {
    /** TLS 1.2. */
    TLSV1_2("TLSv1.2"),
    /** TLS 1.3. */
    TLSV1_3("TLSv1.3");

    private final String text;

    MinVersion(String text) {
      this.text = text;
    }

    /** The name in the configuration and in the JDK. */
    @Override
    public String toString() {
      return text;
    }
  }

  /** Which requests may bring a token in clear text. */
  public enum ClearTextTokens {
    /** Any. */
    ALLOW,
    /** Those that read. */
    READS,
    /** None. */
    REFUSE;

    /** Whether a token is refused that came in clear text with such a request. */
    public boolean refuses(Operation operation) {
      return switch (this) {
        case ALLOW -> false;
        case READS -> operation != Operation.READ && operation != Operation.OPEN;
        case REFUSE -> true;
      };
    }
  }
}
