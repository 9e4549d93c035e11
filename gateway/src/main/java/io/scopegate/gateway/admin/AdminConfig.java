package io.scopegate.gateway.admin;

import io.scopegate.config.HostPort;
import io.scopegate.config.Key;

/**
 * Where operators look.
 *
 * @param address of {@code /metrics}, {@code /livez} and {@code /readyz}
 * @param console of the console, which is not built yet: nothing listens there
 */
public record AdminConfig(
    @Key(doc = "Address of `/metrics`, `/livez` and `/readyz`.", def = "\"0.0.0.0:8080\"")
        HostPort address,
    @Key(
            doc = "Address of the console. It is not built yet: nothing listens there.",
            def = "\"127.0.0.1:8081\"")
        HostPort console) {}
