package io.scopegate.gateway.tls;

import io.scopegate.config.Key;
import java.nio.file.Path;

/**
 * A certificate of a port with several, which is used for clients that ask for one of its names.
 *
 * @param certificateFile the certificate chain, own certificate first
 * @param keyFile its private key
 */
public record TlsCertificateConfig(
    @Key(
            doc =
                "Certificate chain (PEM); used for clients that ask for one of its DNS names, which"
                    + " may be wildcards.",
            reload = Key.Reload.AT_ONCE_FILE_FOLLOWED)
        Path certificateFile,
    @Key(
            doc = "Private key (PEM, not encrypted) of the certificate.",
            reload = Key.Reload.AT_ONCE_FILE_FOLLOWED)
        Path keyFile) {}
