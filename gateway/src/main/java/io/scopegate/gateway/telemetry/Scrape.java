package io.scopegate.gateway.telemetry;

/**
 * All metrics in one format.
 *
 * @param contentType which it is
 * @param body the page, not to be changed
 */
@SuppressWarnings("ArrayRecordComponent") // made once, read once
public record Scrape(String contentType, byte[] body) {}
