package io.scopegate.gateway.otlp;

import io.scopegate.config.Key;
import io.scopegate.gateway.tls.ClientTls;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * TLS towards a receiver of OTLP; the files are followed when they change.
 *
 * @param caFile what the server's certificate is checked with; null for the system's
 * @param certificateFile our own certificate chain; null for none
 * @param keyFile the key of our own certificate
 * @param serverName the name that is asked for and checked; null for the URL's host
 * @param insecureSkipVerify whether the server's certificate is not checked at all
 */
public record OtlpTlsConfig(
    @Key(
            doc =
                "CA certificates (PEM) that the server's certificate is verified with; null: the"
                    + " system's.",
            reload = Key.Reload.AT_ONCE_FILE_FOLLOWED)
        @Nullable Path caFile,
    @Key(
            doc = "Client certificate chain (PEM) that is presented to the server.",
            reload = Key.Reload.AT_ONCE_FILE_FOLLOWED)
        @Nullable Path certificateFile,
    @Key(
            doc = "Private key (PEM, not encrypted) of `certificateFile`.",
            reload = Key.Reload.AT_ONCE_FILE_FOLLOWED)
        @Nullable Path keyFile,
    @Key(
            doc = "Server name that is sent (SNI) and verified; null: the URL's host.",
            reload = Key.Reload.AT_ONCE)
        @Nullable String serverName,
    @Key(
            doc = "Do not verify the server's certificate. For tests only.",
            def = "false",
            reload = Key.Reload.AT_ONCE)
        boolean insecureSkipVerify)
    implements ClientTls {}
