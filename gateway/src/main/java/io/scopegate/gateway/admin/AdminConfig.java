package io.scopegate.gateway.admin;

import io.scopegate.config.HostPort;
import io.scopegate.config.Key;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * Where operators look.
 *
 * @param address of {@code /metrics}, {@code /livez} and {@code /readyz}
 * @param console of the console; null for none
 * @param warmUp how long the gateway may warm up before it is ready; zero for not at all
 */
public record AdminConfig(
    @Key(doc = "Address of `/metrics`, `/livez` and `/readyz`.", def = "\"0.0.0.0:8080\"")
        HostPort address,
    @Key(
            doc =
                "Address of the console, which needs no token: `explain`, the effective"
                    + " configuration and the latest refusals; `null`: no console.",
            def = "\"127.0.0.1:8081\"")
        @Nullable HostPort console,
    @Key(
            doc =
                "How long the gateway may warm up before it is ready: it sends requests to itself,"
                    + " and nowhere else, until the JVM has compiled what they need, and `/readyz`"
                    + " says `warming up`. 0s: it is ready at once, and the first requests take"
                    + " longer.",
            def = "4s",
            min = 0,
            max = 60_000)
        Duration warmUp) {}
