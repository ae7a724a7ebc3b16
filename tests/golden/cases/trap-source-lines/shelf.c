int shelf[16] = {80};
