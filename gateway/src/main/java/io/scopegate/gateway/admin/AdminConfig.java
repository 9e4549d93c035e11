package io.scopegate.gateway.admin;

import io.scopegate.config.HostPort;
import io.scopegate.config.Key;
import org.jspecify.annotations.Nullable;

/**
 * Where operators look.
 *
 * @param address of {@code /metrics}, {@code /livez} and {@code /readyz}
 * @param console of the console; null for none
 */
public record AdminConfig(
    @Key(doc = "Address of `/metrics`, `/livez` and `/readyz`.", def = "\"0.0.0.0:8080\"")
        HostPort address,
    @Key(
            doc =
                "Address of the console, which asks for no token: `explain`, the effective"
                    + " configuration and the recent refusals; `null` for none.",
            def = "\"127.0.0.1:8081\"")
        @Nullable HostPort console) {}
