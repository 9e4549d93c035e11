package io.scopegate.gateway.listen;

import io.scopegate.config.Key;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * TLS of a port; the files are followed when they change.
 *
 * @param mode whether connections are TLS
 * @param certificateFile the certificate chain, own certificate first
 * @param keyFile its private key
 * @param clientCaFile what client certificates are checked with; null for none
 * @param minVersion the oldest version that is accepted
 * @param cipherSuites what of TLS 1.2 is accepted; empty for all that are any good
 * @param selfSigned whether a certificate is made at the start instead of read
 */
public record TlsConfig(
    @Key(
            doc = "`disabled`, `required`, or `optional` (TLS and clear text on the same port).",
            def = "disabled",
            reload = Key.Reload.AT_ONCE)
        Mode mode,
    @Key(
            doc = "Certificate chain (PEM), the own certificate first.",
            reload = Key.Reload.AT_ONCE_FILE_FOLLOWED)
        @Nullable Path certificateFile,
    @Key(
            doc = "Private key (PEM, not encrypted) of the certificate.",
            reload = Key.Reload.AT_ONCE_FILE_FOLLOWED)
        @Nullable Path keyFile,
    @Key(
            doc =
                "Authorities (PEM) of client certificates, which are asked for and taken when there"
                    + " is no `authorization` header: the CN is the user, the O are the groups.",
            reload = Key.Reload.AT_ONCE_FILE_FOLLOWED)
        @Nullable Path clientCaFile,
    @Key(doc = "Oldest TLS version that is accepted.", def = "TLSv1.2", reload = Key.Reload.AT_ONCE)
        MinVersion minVersion,
    @Key(
            doc =
                "Cipher suites of TLS 1.2 that are accepted, by their IANA names; empty: all with"
                    + " forward secrecy and authenticated encryption. Those of TLS 1.3 always are.",
            def = "[]",
            reload = Key.Reload.AT_ONCE)
        List<String> cipherSuites,
    @Key(
            doc =
                "Make a certificate that nobody has signed, anew at each start, instead of reading"
                    + " `certificateFile` and `keyFile`: clients cannot check it.",
            def = "false",
            reload = Key.Reload.AT_ONCE)
        boolean selfSigned) {

  /** Copies the list. */
  public TlsConfig {
    cipherSuites = List.copyOf(cipherSuites);
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
}
