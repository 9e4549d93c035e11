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
                "Address of the console, which needs no token: `explain`, the effective configuration"
                    + " and the latest refusals; `null`: no console.",
            def = "\"127.0.0.1:8081\"")
        @Nullable HostPort console) {}
